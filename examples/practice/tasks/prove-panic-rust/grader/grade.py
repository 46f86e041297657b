"""A panic of the program as given, and none of the mended one."""

from guard import failed, must, own, run, rustc, shield, solved, submission, workshop

given = submission(1 << 10)
if b"\n" in given.rstrip(b"\n"):
    failed("there is more than one line")
flawed, mended = own("files/excerpt.rs"), own("fixed.rs")
shield()
place = workshop()
flawed = must(rustc(flawed, "flawed", place))
mended = must(rustc(mended, "mended", place))

ran = run([flawed], given)
if ran.code != 101 or b"panicked at" not in ran.errors:
    failed(f"the program does not panic; it ended with {ran.code}")
if run([mended], given).code != 0:
    failed("the mended program does not end well either")
solved("the program panics, and the mended one does not")
