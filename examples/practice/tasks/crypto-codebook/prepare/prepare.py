"""Writes the register of this run: the codes of many users are known, that of the harbormaster is the secret."""

import hashlib
import json
import os
import random
import sys

sys.path.insert(0, "files")
from register import record, seal

secret, seed = os.environ["SEAMARK_SECRET"], os.environ["SEAMARK_SEED"]
dice = random.Random(seed)
key = hashlib.sha256(b"register " + seed.encode()).digest()
pairs = [f"{number:02x}" for number in range(256)]
known, sealed = {}, []
# Two rounds of all 256 pairs, so that whoever looks at a few users only finds a few pairs.
for turn in range(2):
    dice.shuffle(pairs)
    for at in range(0, 256, 16):
        known[f"guest{turn}{at // 16:02}"] = "".join(pairs[at : at + 16])
entries = [(name, code) for name, code in known.items()] + [("harbor", secret)]
dice.shuffle(entries)
with open("register.txt", "w", encoding="utf-8") as file:
    for name, code in entries:
        file.write(seal(key, record(name, code)).hex() + "\n")
with open("known.json", "w", encoding="utf-8") as file:
    json.dump(dict(sorted(known.items())), file, indent=1)
