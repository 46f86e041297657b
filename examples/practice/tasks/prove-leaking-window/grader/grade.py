"""The key of this run in the output of the build as given, and not in that of the mended one."""

import os

from guard import failed, gcc, must, own, run, shield, solved, submission, workshop

given = submission(4 << 10)
flawed, mended = own("files/window.c"), own("fixed.c")
key = os.environ["SEAMARK_SECRET"]
if key.encode() in given:
    failed("the key stands in the commands")
shield()
place = workshop()
flawed = must(gcc(flawed, "flawed", place))
mended = must(gcc(mended, "mended", place))

ran = run([flawed], given, environment={"WINDOW_KEY": key})
if key not in ran.text():
    failed(f"the key is not in the output; the program ended with {ran.code}")
if key in run([mended], given, environment={"WINDOW_KEY": key}).text():
    failed("the mended program prints it as well")
solved("the key was printed, and not by the mended program")
