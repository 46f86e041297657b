"""Makes `desk.py` from its six acts, one of which loses its check; which one, `SEAMARK_SEED` says."""

import os
import re

with open("desk.py.in", encoding="utf-8") as file:
    text = file.read()
acts = [part.split("(")[0] for part in text.split("\ndef ")[1:] if "#@" in part]
flawed = acts[int(os.environ["SEAMARK_SEED"], 16) % len(acts)]

# A line that ends with `#@` is the check of the act that it stands in.
out, act = [], None
for line in text.splitlines():
    heading = re.match(r"def (\w+)\(", line)
    act = heading.group(1) if heading else act
    if line.endswith("#@"):
        if act == flawed:
            continue
        line = line[: -len("#@")].rstrip()
    out.append(line)
with open("desk.py", "w", encoding="utf-8") as file:
    file.write("\n".join(out) + "\n")
with open("flawed", "w", encoding="utf-8") as file:
    file.write(flawed + "\n")
with open("desk-as-given.py", "w", encoding="utf-8") as file:
    file.write("\n".join(out) + "\n")
