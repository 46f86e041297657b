"""Writes what was heard on the line in this run: notes of chance, a banner now and then, and the note that holds the secret."""

import hashlib
import os
import random
import sys

sys.path.insert(0, "files")
from line import Line

secret, seed = os.environ["SEAMARK_SECRET"], os.environ["SEAMARK_SEED"]
dice = random.Random(seed)
line = Line(hashlib.sha256(b"line " + seed.encode()).digest(), "Northmark")
told = dice.randrange(40, 200)
banners = {told + 256} | {dice.randrange(0, 500) for _ in range(6)} - {told, told + 1}
heard = []
for at in range(520):
    if at == told:
        heard.append(line.note(f"Tonight the gate opens to the word {secret} and to no other."))
    elif at in banners:
        heard.append(line.banner())
    else:
        length = dice.randrange(20, 100)
        heard.append(line.note("".join(dice.choice("etaoin shrdlu ") for _ in range(length))))
with open("heard.jsonl", "w", encoding="utf-8") as file:
    file.write("\n".join(heard) + "\n")
