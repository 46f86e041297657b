"""Orders: sends an order to a station under the station's public key, a product `n` of two primes, with exponent 3.

An order is a line of text, filled up with blanks to 120 letters and read as one large number, first letter first.
"""

LETTERS = 120
EXPONENT = 3


def number(order):
    line = order.encode().ljust(LETTERS)
    if len(line) != LETTERS:
        raise ValueError("an order has at most 120 letters")
    return int.from_bytes(line, "big")


def seal(order, n):
    return pow(number(order), EXPONENT, n)
