"""Every order of commands against a model of our own, under AddressSanitizer, and once more with a count of memory."""

import os
import random
import secrets

from guard import asan, compile_one, failed, own, run, run_asan, shield, solved, source, workshop
from patch import looked_at

SONGS_MAX = 32


def model(commands):
    """What the program has to print."""
    songs, out = [], []
    for word, n, title in commands:
        inside = 0 <= n < len(songs)
        if word == "print":
            for at, song in enumerate(songs):
                song[1] += 1
                out.append(f"{at} {song[0]} ({song[1]})")
        elif word == "add" and len(songs) < SONGS_MAX:
            songs.append([title, 0])
        elif word == "copy" and inside and len(songs) < SONGS_MAX:
            songs.append(list(songs[n]))
        elif word == "rename" and inside:
            songs[n][0] = title
        elif word == "drop" and inside:
            songs.pop(n)
        else:
            out.append("?")
    return "".join(line + "\n" for line in out)


def text(commands):
    forms = {"print": "print", "add": "add {1}", "copy": "copy {0}", "drop": "drop {0}", "rename": "rename {0} {1}"}
    return "".join(forms[word].format(n, title) + "\n" for word, n, title in commands)


def orders(dice):
    """Named ones first, then drawn ones."""
    start = [("add", 0, "one"), ("copy", 0, "")]
    show = ("print", 0, "")
    yield "a copy is dropped", start + [("drop", 1, ""), show]
    yield "the first is dropped", start + [("drop", 0, ""), show]
    yield "the first is renamed", start + [("rename", 0, "a title that is a good deal longer"), show]
    yield "the copy is renamed in place", start + [("rename", 1, "two"), show]
    yield "a copy of a copy", start + [("copy", 1, ""), ("drop", 0, ""), ("rename", 0, "x"), show]
    yield "plays are counted apart", [("add", 0, "a"), show, ("copy", 0, ""), show, ("drop", 0, ""), show]
    yield "the list is full", [("add", 0, "a")] + [("copy", 0, "")] * 40 + [show, ("drop", 3, ""), ("copy", 9, ""), show]
    words = ["add", "copy", "copy", "rename", "drop", "print"]
    for number in range(12):
        titles = ["".join(dice.choice("abc xyz") for _ in range(dice.randint(1, 60))).strip() or "t" for _ in range(40)]
        yield f"drawn order {number}", [(dice.choice(words), dice.randint(0, 8), title) for title in titles] + [show]


def main():
    submitted, count = source(), own("count.c")
    dice = random.Random(os.environ["SEAMARK_SEED"])
    # A word that the submitted file cannot say in place of the count.
    mark = secrets.token_hex(8)
    shield()
    place = workshop()
    looked_at(submitted, place)
    checked, said = asan(submitted, "checked", place)
    if not checked:
        failed(f"it does not build: {said}")
    with open(f"{place}/count.c", "wb") as file:
        file.write(count.replace(b"MARK", mark.encode()))
    wraps = [f"-Wl,--wrap={name}" for name in ("malloc", "calloc", "realloc", "free", "strdup", "strndup")]
    flags = ["gcc", "-O1", "-w", "-fno-builtin", *wraps, f"{place}/count.c"]
    counted, said = compile_one(flags, submitted, "counted.c", "counted", place)
    if not counted:
        failed(f"it does not build: {said}")
    tried = 0
    for name, commands in orders(dice):
        given = text(commands).encode()
        ran = run_asan(checked, given)
        if ran.report() or ran.late or ran.code != 0:
            failed(f"{name}: memory is corrupted ({ran.report() or ran.code})")
        if ran.text() != model(commands):
            failed(f"{name}: it does not do what its commands say")
        alive = run([counted], given).errors.decode("utf-8", "replace").strip().split("\n")[-1]
        if alive != f"{mark} 0":
            failed(f"{name}: memory is not given back")
        tried += 1
    solved(f"{tried} orders of commands hold")


main()
