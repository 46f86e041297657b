"""Writes the memo of this run: its code is the run's secret, its key comes from the run's seed."""

import hashlib
import os
import sys

sys.path.insert(0, "files")
from encipher import HEAD, encipher

secret = os.environ["SEAMARK_SECRET"]
seed = os.environ["SEAMARK_SEED"]
key = hashlib.sha256(b"key " + seed.encode()).digest()[:16]
room = 100 + int(seed[:4], 16) % 800
text = (
    f"The archive has moved to room {room}.\n"
    f"Whoever enters gives the access code {secret} at the door.\n"
    "Bring this memo, and leave it there.\n"
)
with open("memo.bin", "wb") as out:
    out.write(encipher(key, HEAD + text.encode()))
