"""Draws the keys of four stations, and sends the order that holds the secret to three of them."""

import json
import os
import random
import sys

sys.path.insert(0, "files")
from orders import seal

secret = os.environ["SEAMARK_SECRET"]
dice = random.Random(os.environ["SEAMARK_SEED"])


def is_prime(n):
    if any(n % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(24):
        x = pow(dice.randrange(2, n - 1), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits):
    while True:
        drawn = dice.getrandbits(bits) | 3 << (bits - 2) | 1
        if drawn % 3 == 2 and is_prime(drawn):
            return drawn


stations = {name: prime(512) * prime(512) for name in ("east", "north", "south", "west")}
order = f"To all on watch: from midnight the gate opens to {secret} and to nothing else."
other = f"To you alone: {dice.getrandbits(128):032x} was the word of yesterday, forget it."
silent = dice.choice(sorted(stations))
sent = [{"to": name, "sealed": f"{seal(other if name == silent else order, n):x}"} for name, n in stations.items()]
with open("keys.json", "w", encoding="utf-8") as file:
    json.dump({name: f"{n:x}" for name, n in stations.items()}, file, indent=1)
with open("sent.json", "w", encoding="utf-8") as file:
    json.dump(sent, file, indent=1)
