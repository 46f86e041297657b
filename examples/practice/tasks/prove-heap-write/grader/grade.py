"""A write outside of the heap in the build as given, and nothing in the mended one."""

from guard import asan, failed, must, own, run_asan, shield, solved, submission, workshop

given = submission(8 << 10)
flawed, mended = own("files/sprites.c"), own("fixed.c")
shield()
place = workshop()
flawed = must(asan(flawed, "flawed", place))
mended = must(asan(mended, "mended", place))

ran = run_asan(flawed, given)
if ran.report() != "heap-buffer-overflow" or b"\nWRITE of size" not in ran.errors or b" in blit " not in ran.errors:
    failed(f"no write outside of the heap is reported; the program ended with {ran.code}")
ran = run_asan(mended, given)
if ran.late or ran.code not in (0, 1) or ran.report():
    failed("the mended program is hurt as well, so this shows another flaw")
solved("the canvas was left, and not in the mended program")
