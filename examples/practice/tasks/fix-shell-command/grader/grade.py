"""Calls with known results, beside a file that shows whether anything of a stranger's was run."""

import json
import os
import secrets

from guard import failed, own, run, shield, solved, source, workshop
from module import looked_at


def calls(folder, owned, outside):
    """A function, its arguments and what has to come of it; `None` for any ending, as long as nothing was run or given away."""
    text = "sea"
    yield "count", [folder, text, "ship"], ["ok", 2]
    yield "count", [folder, text, "^s.ip"], ["ok", 1]
    yield "count", [folder, text, "cost: \\$5"], ["ok", 1]
    yield "count", [folder, text, "it's"], ["ok", 1]
    yield "count", [folder, text, "\"so\""], ["ok", 1]
    yield "count", [folder, text, "-v"], ["ok", 1]
    yield "count", [folder, text, "--help"], ["ok", 0]
    yield "count", [folder, text, "a\\|b; c"], ["ok", 4]
    yield "count", [folder, text, ""], ["ok", 9]
    yield "count", [folder, "two words", "x"], ["ok", 1]
    yield "count", [folder, "it's", "y"], ["ok", 1]
    yield "count", [folder, "-n", "z"], ["ok", 1]
    yield "count", [folder, "nothing", "x"], ["refused"]
    yield "show", [folder, text, "ship", 1], ["ok", ["a ship"]]
    yield "show", [folder, text, "ship", 0], ["ok", []]
    yield "show", [folder, text, "-v", 3], ["ok", ["see -v there"]]
    yield "show", [folder, text, "nowhere", 3], ["ok", []]
    yield "show", [folder, "nothing", "x", 3], ["refused"]
    yield "names", [folder, "se"], ["ok", ["sea", "seal"]]
    yield "names", [folder, "two w"], ["ok", ["two words"]]
    yield "names", [folder, "-"], ["ok", ["-n"]]
    yield "names", [folder, "it'"], ["ok", ["it's"]]
    yield "names", [folder, "*"], ["ok", []]
    yield "names", [folder, "?e"], ["ok", []]
    yield "names", [folder, ""], ["ok", ["-n", "it's", "sea", "seal", "two words"]]
    # Where a stranger runs something.
    touch = f"touch {owned}"
    for attack in (f"x'; {touch}; '", f"$({touch})", f"`{touch}`", f"x\n{touch}\n", f"'$({touch})'", f"| {touch} #", f"x' . ; {touch} #"):
        yield "count", [folder, text, attack], None
        yield "show", [folder, text, attack, 3], None
        yield "names", [folder, attack], None
        yield "count", [folder, attack, "x"], ["refused"]
        yield "show", [folder, attack, "x", 3], ["refused"]
    yield "show", [folder, text, "ship", f"1; {touch}"], None
    # Where a stranger reads something else.
    for name in ("../outside", f"{os.path.dirname(folder)}/outside", "sea.txt' '../outside", "./../outside", "link", "deep/er"):
        yield "count", [folder, name, "x"], ["refused"]
        yield "show", [folder, name, "", 9], ["refused"]
    yield "names", [folder, "../o"], ["ok", []]
    for word in (f"-f{outside}", f"--file={outside}", "-r", f"-e x {outside}"):
        yield "show", [folder, text, word, 9], ["ok", []]


def main():
    submitted, drive = source(), own("drive.py")
    looked_at(submitted)
    private = secrets.token_hex(12)
    shield()
    place = workshop()
    folder, outside, owned = f"{place}/texts", f"{place}/outside.txt", f"{place}/owned"
    os.makedirs(f"{folder}/deep")
    files = {
        f"{place}/shelf.py": submitted.encode(),
        f"{place}/drive.py": drive,
        outside: f"{private} ship x\n".encode(),
        f"{folder}/deep/er.txt": f"{private} x\n".encode(),
        f"{folder}/sea.txt": b"a ship\nships\na mark\ncost: $5\nit's\n\"so\"\nsee -v there\na|b; c\nb; c\n",
        f"{folder}/seal.txt": b"wax\n",
        f"{folder}/two words.txt": b"x\n",
        f"{folder}/it's.txt": b"y\n",
        f"{folder}/-n.txt": b"z\n",
    }
    for path, data in files.items():
        with open(path, "wb") as file:
            file.write(data)
    os.symlink(outside, f"{folder}/link.txt")
    tried = list(calls(folder, owned, outside))
    given = json.dumps([call[:2] for call in tried]).encode()
    ran = run(["/usr/bin/python3", "-I", f"{place}/drive.py", place], given, seconds=20, folder=place)
    if os.path.exists(owned):
        failed("a stranger's command was run")
    if private in ran.text():
        failed("a text outside of the folder was given away")
    said = ran.text().splitlines()
    if len(said) != len(tried):
        failed(f"the module ended early, with {ran.code}")
    for (name, arguments, wanted), line in zip(tried, said):
        try:
            got = json.loads(line)
        except ValueError:
            failed("the module prints by itself")
        if wanted is not None and got != wanted:
            failed(f"{name}({', '.join(repr(argument) for argument in arguments[1:])}) comes to {got}")
    solved(f"{len(tried)} calls hold")


main()
