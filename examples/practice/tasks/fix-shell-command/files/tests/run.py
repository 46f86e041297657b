"""A few uses of the shelf: `python3 tests/run.py`."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import shelf

with tempfile.TemporaryDirectory() as folder:
    for name, text in {"sea": "a ship\na mark\nships\n", "seal": "wax\n", "land": "a mark\n"}.items():
        with open(f"{folder}/{name}.txt", "w") as file:
            file.write(text)
    assert shelf.count(folder, "sea", "ship") == 2
    assert shelf.count(folder, "sea", "^ship") == 1
    assert shelf.count(folder, "land", "ship") == 0
    assert shelf.show(folder, "sea", "a", 2) == ["a ship", "a mark"]
    assert shelf.names(folder, "sea") == ["sea", "seal"]
print("all passed")
