"""A write outside of the heap in the build as given, and nothing in the mended one."""

from guard import ASAN, asan, failed, must, own, run, shield, solved, submission, workshop

given = submission(8 << 10)
flawed, mended = own("files/sprites.c"), own("fixed.c")
shield()
place = workshop()
flawed = must(asan(flawed, "flawed", place))
mended = must(asan(mended, "mended", place))

ran = run([flawed], given, environment=ASAN)
if ran.report() != "heap-buffer-overflow" or b"\nWRITE of size" not in ran.errors or b" in blit " not in ran.errors:
    failed(f"no write outside of the heap is reported; the program ended with {ran.code}")
ran = run([mended], given, environment=ASAN)
if ran.late or ran.code not in (0, 1) or ran.report():
    failed("the mended program is hurt as well, so this shows another flaw")
solved("the canvas was left, and not in the mended program")
