# Equal blocks are sealed to equal blocks. Which record is whose shows by which blocks they share; then all pairs of digits are known.
python3 - <<'END'
import json
from register import BLOCK
lines = [bytes.fromhex(line) for line in open("register.txt")]
records = [[line[at : at + BLOCK] for at in range(0, len(line), BLOCK)][2:] for line in lines]
known = {name: [code[at : at + 2] for at in range(0, 32, 2)] for name, code in json.load(open("known.json")).items()}

# A pair stands in exactly two guests' codes, at two places: the same holds for its sealed block, whatever the names are.
def places(rows):
    found = {}
    for who, row in rows.items():
        for at, item in enumerate(row):
            found.setdefault(item, []).append((who, at))
    return found

def traits(rows, only=None):
    where = places(rows)
    return {who: sorted((at, tuple(sorted(other for w, other in where[item] if w != who))) for at, item in enumerate(row)) for who, row in rows.items()}

for harbor in range(len(records)):
    rows = {at: row for at, row in enumerate(records) if at != harbor}
    if any(len(found) != 2 for found in places(rows).values()):
        continue
    sealed, plain = traits(rows), traits(known)
    book = {}
    for at, trait in sealed.items():
        names = [name for name, other in plain.items() if other == trait]
        if len(names) == 1:
            book.update(zip(rows[at], known[names[0]]))
    code = [book.get(block, "??") for block in records[harbor]]
    if "??" not in code:
        print("".join(code))
        break
END
