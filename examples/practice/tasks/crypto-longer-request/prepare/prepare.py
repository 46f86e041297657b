"""Stamps the request of a guest with the key of this run. The grader alone gets the key."""

import os
import random
import sys

sys.path.insert(0, "files")
from gate import stamp

key = bytes.fromhex(os.environ["SEAMARK_SECRET"])
dice = random.Random(os.environ["SEAMARK_SEED"])
filling = "".join(dice.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(dice.randrange(8, 40)))
request = f"user=guest&role=guest&note={filling}"
with open("stamped.txt", "w", encoding="utf-8") as file:
    file.write(f"{request}\n{stamp(key, request.encode())}\n")
with open("key", "wb") as file:
    file.write(key)
