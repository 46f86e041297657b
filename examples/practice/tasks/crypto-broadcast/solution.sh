# The same number to the third power, modulo three keys, is known modulo their product, which is larger than the power: its root is exact.
python3 - <<'END'
import itertools, json, re
keys = {name: int(text, 16) for name, text in json.load(open("keys.json")).items()}
sent = [(keys[one["to"]], int(one["sealed"], 16)) for one in json.load(open("sent.json"))]

def root(power):
    low, high = 0, 1 << (power.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < power else (low, middle)
    return low

for three in itertools.combinations(sent, 3):
    product = three[0][0] * three[1][0] * three[2][0]
    power = sum(rest * (product // n) * pow(product // n, -1, n) for n, rest in three) % product
    order = root(power)
    if order**3 == power:
        print(re.search(rb"[0-9a-f]{32}", order.to_bytes(120, "big")).group().decode())
END
