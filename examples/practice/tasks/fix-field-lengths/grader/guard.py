"""For graders that run what was submitted: it runs as the same user, so nothing of the grader's may be in its reach."""

import ctypes
import os

PR_SET_DUMPABLE = 4


def guard():
    """Keeps other processes out of this one's memory and environment, and takes away the files that tell the answers."""
    if ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError("this process cannot be guarded")
    here = os.path.dirname(os.path.abspath(__file__))
    for name in os.listdir(here):
        if name.endswith(".py"):
            os.remove(os.path.join(here, name))
    for name in list(os.environ):
        if name.startswith("SEAMARK_"):
            del os.environ[name]
