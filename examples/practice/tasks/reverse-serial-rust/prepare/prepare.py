"""Builds the program of this run with the distribution's `rustc`: what becomes of the secret stands in it."""

import os
import struct
import subprocess

MASK = 0xFFFFFFFF


def stir(word, last, turn):
    word = (word ^ last) * 0x9E3779B1 & MASK
    word = (word << (turn + 5) | word >> (27 - turn)) & MASK
    return ((word ^ word >> 15) + (0x7F4A7C15 ^ turn)) & MASK


secret = os.environ["SEAMARK_SECRET"]
goal, last = [], 0x5EAAA4C
for turn, word in enumerate(struct.unpack(">8I", secret.encode())):
    last = stir(word, last, turn)
    goal.append(last)
with open("serial.rs", encoding="utf-8") as file:
    text = file.read().replace("GOAL_OF_THE_RUN", str(goal))
with open("made.rs", "w", encoding="utf-8") as file:
    file.write(text)
subprocess.run(["/usr/bin/rustc", "--edition", "2021", "-O", "-C", "strip=symbols", "-C", "panic=abort", "-o", "serial", "made.rs"], check=True)
assert subprocess.run(["./serial", secret], capture_output=True).returncode == 0
