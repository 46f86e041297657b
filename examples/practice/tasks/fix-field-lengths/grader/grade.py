"""Builds what was submitted with our own headers and main program, and tries fields around each bound."""

from guard import compile_one, failed, own, run_asan, shield, solved, source, workshop
from patch import looked_at

SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def note(*lengths):
    return "name:A\n" + "".join(f"note:{'n' * length}\n" for length in lengths)


def cases(good):
    """What is asked, the input, and the exit code and output wanted."""
    yield "a good file", good, (0, "Ada Lovelace <ada@example.org> met in Turin writes programs\nCharles <> \n")
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
    submitted = source()
    header, program = own("files/src/cards.h"), own("files/src/main.c")
    tried = list(cases(own("files/tests/good.txt").decode()))
    shield()
    place = workshop()
    for name, data in (("cards.h", header), ("main.c", program)):
        with open(f"{place}/{name}", "wb") as file:
            file.write(data)
    looked_at(submitted, place)
    words = ["gcc", "-g", "-O1", "-w", *SANITIZE, f"{place}/main.c"]
    cards, said = compile_one(words, submitted, "cards.c", "cards", place)
    if not cards:
        failed(f"it does not build: {said}")
    for what, text, wanted in tried:
        ran = run_asan(cards, text.encode())
        if ran.late:
            failed(f"{what}: it does not end")
        if (ran.code, ran.text()) != wanted:
            failed(f"{what}: read wrongly")
    solved(f"{len(tried)} cases hold")


main()
