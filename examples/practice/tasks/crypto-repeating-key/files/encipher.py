"""Encipher a memo: `encipher.py KEY-IN-HEX < memo > memo.bin`. A key has 16 bytes."""

import sys

HEAD = b"MEMORANDUM\nFrom: the registry\nTo: all who hold a key\n\n"


def encipher(key, memo):
    if len(key) != 16:
        raise ValueError("a key has 16 bytes")
    if not memo.startswith(HEAD):
        raise ValueError("a memo begins with its head")
    return bytes(byte ^ key[at % 16] for at, byte in enumerate(memo))


if __name__ == "__main__":
    sys.stdout.buffer.write(encipher(bytes.fromhex(sys.argv[1]), sys.stdin.buffer.read()))
