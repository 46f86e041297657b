"""A few uses of the store: `python3 tests/run.py`."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import store

with tempfile.TemporaryDirectory() as base:
    os.mkdir(f"{base}/ada")
    ada = store.Store(f"{base}/ada")
    ada.put("a/b.txt", b"b")
    ada.link("c.txt", "a/b.txt")
    assert ada.get("c.txt") == b"b"
    assert ada.get("a/../a/./b.txt") == b"b"
    assert ada.list() == ["a", "c.txt"]
    try:
        ada.get("../../etc/passwd")
        raise AssertionError("it leads out")
    except store.Refused:
        pass
print("all passed")
