"""A write of `fill` behind the grid in the build as given, and nothing in the mended one."""

import re

from guard import asan, failed, must, own, run_asan, shield, solved, submission, workshop

given = submission(64 << 10)
flawed, mended = own("files/tiles.c"), own("fixed.c")
shield()
place = workshop()
flawed = must(asan(flawed, "flawed", place))
mended = must(asan(mended, "mended", place))

ran = run_asan(flawed, given, seconds=10)
access = re.search(rb"^WRITE of size .*\n((?:    #.*\n)+)", ran.errors, re.M)
# Memory far behind the heap is no part of it to AddressSanitizer, which then says `SEGV`: that is no proof of this flaw.
if ran.report() != "heap-buffer-overflow" or not access or b" in fill " not in access.group(1):
    failed(f"no write of `fill` behind the grid is reported; the program ended with {ran.code}")
ran = run_asan(mended, given, seconds=10)
if ran.late or ran.code not in (0, 1) or ran.report():
    failed("the mended program is hurt as well, so this shows another flaw")
solved("`fill` wrote behind the grid, and not in the mended program")
