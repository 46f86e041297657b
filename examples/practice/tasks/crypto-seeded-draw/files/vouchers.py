"""Vouchers: prints one voucher after the other: `vouchers.py COUNT`. Whoever holds a voucher takes what it is worth.

A voucher is 32 hexadecimal digits. Nobody can guess one: there are more of them than grains of sand.
"""

import os
import random
import sys
import time


class Press:
    def __init__(self, second, process):
        # Another start for each second, and for each press of a second.
        self.dice = random.Random(second * 32768 + process)

    def voucher(self):
        return f"{self.dice.getrandbits(128):032x}"


def masked(word, voucher):
    """A word of 32 digits, for whoever holds the voucher."""
    return f"{int(word, 16) ^ int(voucher, 16):032x}"


if __name__ == "__main__":
    press = Press(int(time.time()), os.getpid() % 32768)
    for _ in range(int(sys.argv[1])):
        print(press.voucher())
