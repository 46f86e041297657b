"""`entries` may be as large as 255 while the palette holds 64, so that `entry` reads behind it.

`set_palette` is where a wise person would mend it; the read that leaves the array, which is asked for, stands in `entry`.
"""

from where import judge

judge("unpack.rs", "fn entry(", {"CWE-125", "CWE-119", "CWE-129", "CWE-126", "CWE-788", "CWE-823", "CWE-1285"})
