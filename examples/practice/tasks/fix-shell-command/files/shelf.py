"""Shelf: counts and shows lines of the texts of a folder. Words and names come from strangers.

A word is a basic regular expression, as `grep` reads it. A name is that of a text in the folder, without `.txt`.
"""

import subprocess


class Refused(Exception):
    """There is no such text."""


def shell(command):
    return subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def count(folder, name, word):
    """How many lines of the text hold the word."""
    out = shell(f"cat '{folder}/{name}.txt' | grep -c '{word}'").strip()
    if not out:
        raise Refused(name)
    return int(out)


def show(folder, name, word, most):
    """The first lines of the text that hold the word, at most so many."""
    return shell(f"grep '{word}' '{folder}/{name}.txt' | head -n {most}").splitlines()


def names(folder, begin):
    """Texts whose name begins so, sorted."""
    out = shell(f"ls {folder}/{begin}*.txt")
    return [line.rsplit("/", 1)[-1][: -len(".txt")] for line in out.splitlines()]
