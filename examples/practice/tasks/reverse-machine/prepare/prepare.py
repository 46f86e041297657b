"""Writes the program of this run: letters in an order and through steps that the seed draws, compared with what comes out."""

import os
import random
import sys

sys.path.insert(0, "files")
import machine as m

secret = os.environ["SEAMARK_SECRET"]
dice = random.Random(os.environ["SEAMARK_SEED"])
order = list(range(m.LETTERS))
dice.shuffle(order)
number = {what: at for at, what in enumerate(m.WHAT)}
program = bytearray()


def say(what, register, value):
    program.extend([number[what], register, value])


say(m.put, 1, dice.randrange(256))
for place in order:
    say(m.letter, 0, place)
    for _ in range(dice.randrange(3, 7)):
        what = dice.choice([m.add, m.mix, m.turn, m.times, m.sum_, m.differ])
        # Register 1 holds what came of the letter before.
        say(what, 0, 1 if what in (m.sum_, m.differ) else dice.randrange(1, 256))
    state = m.Machine(secret)
    state.run(bytes(program))
    say(m.copy, 1, 0)
    say(m.mix, 0, state[0])
    say(m.gather, 7, 0)
    if dice.random() < 0.3:
        # Leads nowhere.
        say(dice.choice([m.add, m.mix]), 5, dice.randrange(256))
program = bytes(program)
assert m.Machine(secret).run(program)
with open("program.bin", "wb") as file:
    file.write(program)
