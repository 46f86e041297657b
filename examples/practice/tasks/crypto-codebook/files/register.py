"""Register: keeps a code for each user. Records are sealed with the register's key by a cipher of eight rounds.

A record has 144 letters: `user=ada........` filled up with dots to 16, and the 32 hexadecimal digits of the code, each two
of them in a field of eight letters, `code=0f;`.
"""

import hashlib
import hmac

BLOCK = 8


def half(key, round_, right):
    return hmac.new(key, bytes([round_]) + right, hashlib.sha256).digest()[: BLOCK // 2]


def seal_block(key, block):
    left, right = block[: BLOCK // 2], block[BLOCK // 2 :]
    for round_ in range(8):
        left, right = right, bytes(one ^ other for one, other in zip(left, half(key, round_, right)))
    return right + left


def record(name, code):
    fields = "".join(f"code={code[at : at + 2]};" for at in range(0, 32, 2))
    return f"user={name:.<11}{fields}".encode()


def seal(key, text):
    return b"".join(seal_block(key, text[at : at + BLOCK]) for at in range(0, len(text), BLOCK))
