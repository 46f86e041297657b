"""`from_json` refuses `..` and lets an absolute name through, which `os.path.join` takes in place of the folder."""

from where import judge

judge("unbox.py", "def from_json(", {"CWE-22", "CWE-23", "CWE-36", "CWE-73"})
