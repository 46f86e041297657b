"""Compiles the till of this run; its source stays here."""

import os
import py_compile

secret = os.environ["SEAMARK_SECRET"]
with open("till.py.in", encoding="utf-8") as file:
    text = file.read().replace("@START@", str(int(os.environ["SEAMARK_SEED"][:7], 16)))
known = {"__name__": "till"}
exec(compile(text.replace("@GOAL@", "b''"), "till", "exec"), known)
text = text.replace("@GOAL@", str(tuple(known["mixed"](secret))))
with open("till.py", "w", encoding="utf-8") as file:
    file.write(text)
py_compile.compile("till.py", cfile="till.pyc", dfile="till.py", doraise=True, optimize=2)
