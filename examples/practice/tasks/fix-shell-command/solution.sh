# No shell: words go to grep behind `-e`, names are compared with what the folder holds.
cat > shelf.py <<'END'
"""Shelf: counts and shows lines of the texts of a folder. Words and names come from strangers.

A word is a basic regular expression, as `grep` reads it. A name is that of a text in the folder, without `.txt`.
"""

import os
import subprocess


class Refused(Exception):
    """There is no such text."""


def texts(folder):
    """Names of the texts that lie in the folder itself; a link could lead out of it."""
    with os.scandir(folder) as entries:
        return sorted(e.name[: -len(".txt")] for e in entries if e.name.endswith(".txt") and e.is_file(follow_symlinks=False))


def grep(folder, name, word):
    """The lines of a text that hold the word."""
    if name not in texts(folder):
        raise Refused(name)
    if "\n" in word or "\0" in word:
        return []
    with open(os.path.join(folder, name + ".txt"), "rb") as text:
        ran = subprocess.run(["grep", "-a", "-e", word], stdin=text, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return ran.stdout.decode("utf-8", "replace").splitlines()


def count(folder, name, word):
    """How many lines of the text hold the word."""
    return len(grep(folder, name, word))


def show(folder, name, word, most):
    """The first lines of the text that hold the word, at most so many."""
    return grep(folder, name, word)[: max(0, int(most))]


def names(folder, begin):
    """Texts whose name begins so, sorted."""
    return [name for name in texts(folder) if name.startswith(begin)]
END
python3 -B tests/run.py
