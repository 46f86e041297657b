"""The word is opened with the numbers that the known pair gives, and compared with the answer."""

import re
import sys

KNOWN, SEALED = "harbor", "dubzmb"
ASKED = "xuhlobh"


def say(code, why):
    print(why)
    sys.exit(code)


def number(letter):
    return ord(letter) - ord("a")


def opened(text):
    """With the one pair of numbers that fits what is known."""
    for k in (1, 3, 5, 7, 9, 11, 15, 17, 19, 21, 23, 25):
        for m in range(26):
            if all((k * number(a) + m) % 26 == number(b) for a, b in zip(KNOWN, SEALED)):
                back = pow(k, -1, 26)
                return "".join(chr(back * (number(letter) - m) % 26 + ord("a")) for letter in text)
    say(3, "no numbers fit")


with open("answer", "rb") as file:
    answer = file.read(4096).decode("utf-8", "replace").strip()
if re.search(r"\$\(|`;|/proof|SEAMARK_|exit 0", answer):
    say(2, "the answer speaks to the grader")
word = answer.strip("`'\" .").lower()
if not re.fullmatch("[a-z]{1,40}", word):
    say(1, "the answer is not one word")
if word != opened(ASKED):
    say(1, "it is another word")
say(0, "it is the word")
