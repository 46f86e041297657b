"""Calls with known results in a folder with neighbors, which have to stay as they are."""

import json
import os
import secrets

from guard import failed, own, run, shield, solved, source, workshop
from module import looked_at


def calls(base):
    """A method, its arguments and what has to come of it."""
    yield "put", ["a/b.txt", "b"], ["ok", None]
    yield "get", ["a/b.txt"], ["ok", "b"]
    yield "get", ["a/../a/./b.txt"], ["ok", "b"]
    yield "get", ["nothing"], ["missing"]
    yield "put", ["a b/ c", "c"], ["ok", None]
    yield "get", ["a b/ c"], ["ok", "c"]
    for name in ("a..b", "..a", "...", ".hidden", "d/..e"):
        yield "put", [name, name], ["ok", None]
        yield "get", [name], ["ok", name]
    yield "link", ["c.txt", "a/b.txt"], ["ok", None]
    yield "get", ["c.txt"], ["ok", "b"]
    yield "link", ["folder", "a"], ["ok", None]
    yield "get", ["folder/b.txt"], ["ok", "b"]
    yield "put", ["folder/new", "n"], ["ok", None]
    yield "get", ["a/new"], ["ok", "n"]
    yield "link", ["later", "e/f"], ["ok", None]
    yield "get", ["later"], ["missing"]
    yield "put", ["e/f", "f"], ["ok", None]
    yield "get", ["later"], ["ok", "f"]
    yield "link", ["deep/er/link", "a/b.txt"], ["ok", None]
    yield "get", ["deep/er/link"], ["ok", "b"]
    yield "list", ["a"], ["ok", ["b.txt", "new"]]
    yield "list", ["e"], ["ok", ["f"]]
    yield "list", ["nothing"], ["missing"]
    # Ways out by name.
    for name in ("../bob/private", f"{base}/bob/private", "../ada-old/private", f"{base}/ada-old/private", "a/../../bob/private",
                 "../", "..", "/etc/passwd", "folder/../../bob/private", "./../bob/private"):
        yield "get", [name], ["refused"]
        yield "put", [name, "x"], ["refused"]
        yield "link", ["new-link", name], ["refused"]
        yield "link", [name, "a"], ["refused"]
    for name in ("../bob", f"{base}/ada-old", "..", "/", "../ada-old"):
        yield "list", [name], ["refused"]
    # Ways out by links that lie there already.
    for name in ("to-file", "to-folder/private", "to-old/private", "to-up/bob/private", "chain/private", "relative/private"):
        yield "get", [name], ["refused"]
        yield "put", [name, "x"], ["refused"]
    for name in ("to-folder/new", "chain/new", "to-old/new", "to-nowhere", "to-folder/new/folder/file"):
        yield "put", [name, "x"], ["refused"]
    for name in ("to-folder", "to-old", "chain", "to-up/bob"):
        yield "list", [name], ["refused"]
    yield "link", ["to-folder/link", "a"], ["refused"]
    yield "link", ["by-link", "to-folder/private"], ["refused"]
    # Names that are none.
    for name in ("", "a\0b"):
        yield "get", [name], ["refused"]
        yield "put", [name, "x"], ["refused"]
        yield "link", [name, "a"], ["refused"]
    yield "list", ["a\0b"], ["refused"]
    yield "get", ["a/b.txt"], ["ok", "b"]


def state(folder):
    """All that lies there, and what it holds."""
    found = {}
    for base, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.join(base, name)] = None
        for name in files:
            path = os.path.join(base, name)
            with open(path, "rb") as file:
                found[path] = file.read()
    return found


def main():
    submitted, drive = source(), own("drive.py")
    looked_at(submitted)
    private = secrets.token_hex(12)
    shield()
    place = workshop()
    base = f"{place}/customers"
    for name in ("ada", "ada-old", "bob"):
        os.makedirs(f"{base}/{name}")
    for name in ("ada-old", "bob"):
        with open(f"{base}/{name}/private", "w", encoding="utf-8") as file:
            file.write(private)
    links = {"to-file": f"{base}/bob/private", "to-folder": f"{base}/bob", "to-old": f"{base}/ada-old", "to-up": "..",
             "chain": "to-folder", "relative": "../bob", "to-nowhere": f"{base}/bob/new"}
    for name, target in links.items():
        os.symlink(target, f"{base}/ada/{name}")
    for name, data in (("store.py", submitted.encode()), ("drive.py", drive)):
        with open(f"{place}/{name}", "wb") as file:
            file.write(data)
    before = {name: state(f"{base}/{name}") for name in ("ada-old", "bob")}
    tried = list(calls(base))
    given = json.dumps([call[:2] for call in tried]).encode()
    ran = run(["/usr/bin/python3", "-I", f"{place}/drive.py", place, f"{base}/ada"], given, seconds=20, folder=place)
    if private in ran.text():
        failed("a neighbor's file was read")
    if before != {name: state(f"{base}/{name}") for name in ("ada-old", "bob")} or len(os.listdir(base)) != 3:
        failed("something was written outside of the customer's folder")
    said = ran.text().splitlines()
    if len(said) != len(tried):
        failed(f"the module ended early, with {ran.code}")
    for (name, arguments, wanted), line in zip(tried, said):
        try:
            got = json.loads(line)
        except ValueError:
            failed("the module prints by itself")
        if got != wanted:
            failed(f"{name}({', '.join(repr(a.replace(base, '…')) for a in arguments)}) comes to {got[:1]} in place of {wanted[:1]}")
    solved(f"{len(tried)} calls hold")


main()
