"""Builds the seal of this run, and seals the message that holds the secret."""

import os
import subprocess

secret, seed = os.environ["SEAMARK_SECRET"], os.environ["SEAMARK_SEED"]
with open("seal.c", encoding="utf-8") as file:
    text = file.read().replace("SEED_OF_THE_RUN", f"0x{seed[:8]}u")
with open("made.c", "w", encoding="utf-8") as file:
    file.write(text)
subprocess.run(["gcc", "-O1", "-s", "-w", "-o", "seal", "made.c"], check=True)
message = f"Harbor watch, berth {int(seed[8:10], 16)}: the gate opens to {secret} until dawn.\n"
sealed = subprocess.run(["./seal"], input=message.encode(), capture_output=True, check=True).stdout
with open("message.sealed", "wb") as file:
    file.write(sealed)
