"""Builds the door of this run: what becomes of the secret stands in it, and a build number that is none of it."""

import hashlib
import os
import subprocess


def turn(byte, by):
    by &= 7
    return (byte << by | byte >> (8 - by)) & 255


secret = os.environ["SEAMARK_SECRET"]
goal, last = [], 0x5A
for at, letter in enumerate(secret.encode()):
    last = (turn(letter ^ (at * 29 + 17) & 255, at % 7 + 1) + last) & 255
    goal.append(last)
build = hashlib.sha256(os.environ["SEAMARK_SEED"].encode()).hexdigest()[:32]
with open("door.c", encoding="utf-8") as file:
    source = file.read()
with open("made.c", "w", encoding="utf-8") as file:
    file.write(source.replace("{GOAL}", "{" + ", ".join(map(str, goal)) + "}").replace('"BUILD"', f'"{build}"'))
subprocess.run(["gcc", "-O1", "-s", "-w", "-o", "door", "made.c"], check=True)
assert subprocess.run(["./door", secret], capture_output=True).returncode == 0
