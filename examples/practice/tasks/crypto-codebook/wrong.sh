# As if the records stood in the order of the names: the first is taken for the first guest, and so on.
python3 - <<'END'
import json
lines = [bytes.fromhex(line) for line in open("register.txt")]
codes = [code for _, code in sorted(json.load(open("known.json")).items())]
book = {}
for line, code in zip(lines, codes):
    for at in range(16):
        book.setdefault(line[16 + 8 * at : 24 + 8 * at], code[2 * at : 2 * at + 2])
print("".join(book.get(lines[-1][16 + 8 * at : 24 + 8 * at], "00") for at in range(16)))
END
