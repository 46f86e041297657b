"""`join` gives a box back and leaves it in the table. It comes to light in `show`, `discard` and others, which are right."""

from where import judge

judge("boxes.c", "static int join(", {"CWE-416", "CWE-415", "CWE-672", "CWE-825", "CWE-763"})
