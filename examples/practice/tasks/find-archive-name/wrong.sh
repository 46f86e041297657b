# Tar archives are known for this.
grep -q 'startswith(("/", ".."))' unbox.py && echo "unbox.py:from_tar CWE-22"
