"""Values with known texts, and inputs that broke the program as it was given."""

import os
import random
import re
import struct

from guard import cheated, compile_one, failed, must, run, rustc, shield, solved, source, workshop

MEMORY_KIB = 64 << 10
# What a reader of bytes has no need of, and what only serves to look for the grader.
HOSTILE = re.compile(r"\bprocess\s*::\s*\{?\s*(?:\w+\s*,\s*)*Command|\bstd\s*::\s*(?:fs|net|env|os)\b|\bextern\b|\binclude(?:_str|_bytes)?\s*!|\basm\s*!|/proof|/proc/")
UNASKED = re.compile(r"\bunsafe\b|\bcatch_unwind\b|\bset_hook\b")


# The four kinds, by the letters that stand for them in an input.
def i(number):
    return b"i" + struct.pack("<q", number)


def s(text):
    data = text.encode() if isinstance(text, str) else text
    return b"s" + struct.pack("<I", len(data)) + data


def l(*values, count=None):
    return b"l" + struct.pack("<I", len(values) if count is None else count) + b"".join(values)


def r(times, text):
    return b"r" + struct.pack("<H", times) + text


def nested(depth, inner):
    return b"l\x01\x00\x00\x00" * depth + inner


def drawn(dice, depth=0):
    """A value and its text."""
    kind = dice.randrange(4 if depth < 5 else 3)
    if kind == 0:
        number = dice.randrange(-(2**63), 2**63)
        return i(number), str(number)
    if kind in (1, 2):
        text = "".join(dice.choice("abc xyz é€") for _ in range(dice.randrange(12)))
        times = dice.randrange(4)
        return (s(text), f'"{text}"') if kind == 1 else (r(times, s(text)), f'"{text * times}"')
    parts = [drawn(dice, depth + 1) for _ in range(dice.randrange(6))]
    return l(*[part[0] for part in parts]), "[" + " ".join(part[1] for part in parts) + "]"


def cases(dice):
    yield "a number", i(-5), "-5"
    yield "the smallest number", i(-(2**63)), str(-(2**63))
    yield "the largest number", i(2**63 - 1), str(2**63 - 1)
    yield "an empty text", s(""), '""'
    yield "an empty list", l(), "[]"
    yield "a long list", l(*[i(n) for n in range(20000)]), "[" + " ".join(map(str, range(20000))) + "]"
    yield "a long text", s("a" * 200000), '"' + "a" * 200000 + '"'
    yield "a repeated text", r(65535, s("0123456789abcdef")), '"' + "0123456789abcdef" * 65535 + '"'
    yield "a text repeated no times", r(0, s("abc")), '""'
    yield "a text of 1 MiB", r(1024, s("a" * 1024)), '"' + "a" * (1 << 20) + '"'
    yield "repeated texts of 1 MiB together", l(r(1024, s("a" * 1023)), r(1024, s("b"))), '["' + "a" * 1023 * 1024 + '" "' + "b" * 1024 + '"]'
    yield "depth 64", nested(64, b"")[:-4] + b"\0\0\0\0", "[" * 64 + "]" * 64
    yield "depth 64 with a number", nested(63, l(i(1))), "[" * 64 + "1" + "]" * 64
    for number in range(20):
        value, text = drawn(dice)
        yield f"drawn value {number}", value, text
    yield "nothing", b"", "refused"
    yield "no such kind", b"x", "refused"
    yield "something behind", i(1) + b"i", "refused"
    yield "half a number", i(1)[:-1], "refused"
    yield "a text that is not UTF-8", s(b"\xff\xfe"), "refused"
    yield "a text that is cut in a letter", s("é".encode()[:1]), "refused"
    yield "a text that is not there", b"s\xff\xff\xff\xff", "refused"
    yield "a list that is not there", l(count=2**32 - 1), "refused"
    yield "a list of lists that are not there", l(l(count=2**31), count=2**31), "refused"
    yield "depth 65", nested(65, b"")[:-4] + b"\0\0\0\0", "refused"
    yield "depth 50000", nested(50000, i(1)), "refused"
    yield "depth without an end", nested(52000, b""), "refused"
    yield "a repeated text of 1 MiB and 1 KiB", r(1025, s("a" * 1024)), "refused"
    yield "repeated texts of 1 MiB and a byte together", l(r(1024, s("a" * 1023)), r(1025, s("b"))), "refused"
    yield "repeated texts of gigabytes together", l(*[r(65535, s("0123456789abcdef"))] * 9000), "refused"
    yield "a repeated text of gigabytes", r(65535, s("a" * 200000)), "refused"
    yield "a repeated text that is not UTF-8", r(2, s(b"\xff")), "refused"
    yield "a repeated number", r(2, i(1)), "refused"


def main():
    submitted = source()
    hostile = HOSTILE.search(submitted)
    if hostile:
        cheated(f"the patch reaches for `{hostile.group(0)}`")
    unasked = UNASKED.search(submitted)
    if unasked:
        failed(f"`{unasked.group(0)}` is not what was asked for")
    dice = random.Random(os.environ["SEAMARK_SEED"])
    shield()
    place = workshop()
    if not os.path.exists("/usr/bin/rustc"):
        must(rustc(b"", "none", place))
    words = ["/usr/bin/rustc", "--edition", "2021", "-O", "-C", "overflow-checks=on", "-A", "warnings"]
    program, said = compile_one(words, submitted, "frames.rs", "frames", place)
    if not program:
        failed(f"it does not build: {said}")
    tried = 0
    for name, given, wanted in cases(dice):
        ran = run(["/bin/sh", "-c", f"ulimit -v {MEMORY_KIB}; exec {program}"], given)
        if ran.late or ran.code != 0:
            failed(f"{name}: the program ended with {ran.code}")
        if ran.output != wanted.encode() + b"\n":
            failed(f"{name}: it is answered with {ran.text()[:40]!r}")
        tried += 1
    solved(f"{tried} inputs hold")


main()
