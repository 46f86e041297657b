"""The stamp of this run in the output of the program as given, and not in that of the mended one."""

import os

from guard import failed, own, run, shield, solved, submission, workshop

given = submission(512)
programs = {"flawed": own("files/label.py"), "mended": own("fixed.py")}
stamp = os.environ["SEAMARK_SECRET"]
if stamp.encode() in given:
    failed("the stamp stands in the template")
shield()
place = workshop()


def said(name):
    with open(f"{place}/{name}.py", "wb") as file:
        file.write(programs[name])
    with open(f"{place}/template.txt", "wb") as file:
        file.write(given)
    return run(["/usr/bin/python3", "-I", f"{place}/{name}.py", f"{place}/template.txt"], environment={"LABEL_STAMP": stamp}).text()


if stamp not in said("flawed"):
    failed("the stamp is not in the output")
if stamp in said("mended"):
    failed("the mended program prints it as well")
solved("the stamp was printed, and not by the mended program")
