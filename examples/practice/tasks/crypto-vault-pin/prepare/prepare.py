"""Builds the vault with the distribution's `rustc`, and seals the secret of this run with a PIN that the seed draws."""

import os
import random
import subprocess

pin = f"{random.Random(os.environ['SEAMARK_SEED']).randrange(1_000_000):06}"
subprocess.run(["/usr/bin/rustc", "--edition", "2021", "-O", "-A", "warnings", "-o", "vault", "files/vault.rs"], check=True)
line = f"the word is {os.environ['SEAMARK_SECRET']}\n"
sealed = subprocess.run(["./vault", pin], input=line.encode(), capture_output=True, check=True).stdout
with open("vault.bin", "wb") as file:
    file.write(sealed)
