"""Starts a press at a time of this run: one of its vouchers is shown, and another one masks the secret."""

import os
import random
import sys
import time

sys.path.insert(0, "files")
from vouchers import Press, masked

secret = os.environ["SEAMARK_SECRET"]
dice = random.Random(os.environ["SEAMARK_SEED"])
second = 1_780_000_000 + dice.randrange(20_000_000)
press = Press(second, dice.randrange(300, 32768))
vouchers = [press.voucher() for _ in range(8)]
day = time.strftime("%Y-%m-%d %H:%M:", time.gmtime(second))
with open("desk.txt", "w", encoding="utf-8") as file:
    file.write(
        f"Desk book, times in UTC\n"
        f"{day}{second % 60 // 10}x  press started (the last digit cannot be read)\n"
        f"third voucher handed to the guide as a sample: {vouchers[2]}\n"
        f"seventh voucher handed to the harbormaster; for them, masked: {masked(secret, vouchers[6])}\n"
    )
