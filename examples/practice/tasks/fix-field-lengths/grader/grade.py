"""Builds what was submitted with our own headers and main program, and tries fields around each bound."""

import os
import subprocess
import sys

from guard import guard

PROGRAM = "/tmp/cards"
BUILD = ["gcc", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o", PROGRAM]


def run(words, text=""):
    """Exit code and output, in an environment that holds nothing of ours."""
    environment = {"PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(words, input=text.encode(), capture_output=True, timeout=20, env=environment)
    return done.returncode, done.stdout.decode(errors="replace")


def say(code, why):
    print(why)
    sys.exit(code)


def note(*lengths):
    return "name:A\n" + "".join(f"note:{'n' * length}\n" for length in lengths)


def cases():
    """What is asked, the input, and the output wanted."""
    yield "a good file", open("files/tests/good.txt").read(), (
        0, "Ada Lovelace <ada@example.org> met in Turin writes programs\nCharles <> \n")
    yield "a name that just fits", f"name:{'a' * 31}\n", (0, f"{'a' * 31} <> \n")
    yield "a name of one too many", f"name:{'a' * 32}\n", (1, "refused\n")
    yield "a mail that just fits", f"name:A\nmail:{'m' * 47}\n", (0, f"A <{'m' * 47}> \n")
    yield "a mail of one too many", f"name:A\nmail:{'m' * 48}\n", (1, "refused\n")
    yield "a note that just fits", note(79), (0, f"A <> {'n' * 79}\n")
    yield "a note of one too many", note(80), (1, "refused\n")
    yield "two notes that just fit", note(39, 39), (0, f"A <> {'n' * 39} {'n' * 39}\n")
    yield "two notes of one too many", note(39, 40), (1, "refused\n")
    yield "a second note beside a full one", note(79, 0), (1, "refused\n")
    yield "a long note", note(400), (1, "refused\n")
    yield "a second card after a good one", f"name:A\n\nname:{'b' * 32}\n", (1, "A <> \nrefused\n")


def main():
    all_cases = list(cases())
    os.makedirs("/tmp/src")
    for name in ("cards.h", "main.c"):
        os.rename(f"files/src/{name}", f"/tmp/src/{name}")
    os.rename("submission", "/tmp/src/cards.c")
    # From here on, code of the submission may run.
    guard()
    code, _ = run([*BUILD, "/tmp/src/main.c", "/tmp/src/cards.c"])
    if code != 0:
        say(1, "it does not build")
    for what, text, wanted in all_cases:
        try:
            got = run([PROGRAM], text)
        except subprocess.TimeoutExpired:
            say(1, f"{what}: it does not end")
        if got != wanted:
            say(1, f"{what}: read wrongly")
    say(0, f"{len(all_cases)} cases hold")


main()
