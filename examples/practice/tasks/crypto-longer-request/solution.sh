# A stamp is the state of SHA-256 after the key, the request and its padding: from there one can go on without the key.
cat > /tmp/forge.py <<'END'
import struct

def primes(count):
    found = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found

def cube_root_fraction(prime):
    low, high = 0, 1 << 40
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= prime << 96 else (low, middle - 1)
    return low & 0xFFFFFFFF

K = [cube_root_fraction(prime) for prime in primes(64)]

def turned(word, by):
    return (word >> by | word << (32 - by)) & 0xFFFFFFFF

def compress(state, block):
    w = list(struct.unpack(">16I", block))
    for at in range(16, 64):
        one, other = w[at - 15], w[at - 2]
        small = turned(one, 7) ^ turned(one, 18) ^ one >> 3
        large = turned(other, 17) ^ turned(other, 19) ^ other >> 10
        w.append((w[at - 16] + small + w[at - 7] + large) & 0xFFFFFFFF)
    a, b, c, d, e, f, g, h = state
    for at in range(64):
        first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + (e & f ^ ~e & g) + K[at] + w[at]
        second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = (first + second) & 0xFFFFFFFF, a, b, c, (d + first) & 0xFFFFFFFF, e, f, g
    return [(old + new) & 0xFFFFFFFF for old, new in zip(state, (a, b, c, d, e, f, g, h))]

def padding(length):
    return b"\x80" + b"\0" * ((55 - length) % 64) + struct.pack(">Q", length * 8)

request, stamp = open("/task/stamped.txt").read().split()
before = request.encode() + padding(16 + len(request))
more = b"&role=harbormaster"
state = list(struct.unpack(">8I", bytes.fromhex(stamp)))
last = more + padding(16 + len(before) + len(more))
for at in range(0, len(last), 64):
    state = compress(state, last[at : at + 64])
with open("/task/request.txt", "w") as out:
    out.write(f"{(before + more).hex()}\n{struct.pack('>8I', *state).hex()}\n")
END
python3 /tmp/forge.py
