"""`ring_peek` lets `at` be as large as a slot, and so reads a byte of the next one, or the one behind the last."""

from where import judge

judge("ring.c", "int ring_peek(", {"CWE-125", "CWE-126", "CWE-193", "CWE-119", "CWE-129", "CWE-788", "CWE-823"}, pristine="ring.c")
