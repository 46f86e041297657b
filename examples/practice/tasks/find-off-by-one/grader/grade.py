"""The count of tags is compared with `>`, so that a ninth tag is written behind the eight."""

from where import judge

judge("notes.c", "static int read_tag(", {"CWE-787", "CWE-122", "CWE-193", "CWE-119", "CWE-120", "CWE-131", "CWE-129"})
