# Turns every unchecked read into a checked one, and lets the panic of a small deterministic search say which of them leaves its array.
mkdir -p /tmp/work
sed 's/\*\(self\.[a-z]*\)\.get_unchecked(\(.*\)) }/\1[\2] }/' unpack.rs > /tmp/work/checked.rs
cd /tmp/work && /usr/bin/rustc --edition 2021 -A warnings -C debuginfo=0 -o checked checked.rs || exit 1
cat > probe.py <<'END'
import random, re, subprocess
dice = random.Random(5)
lines = open("/tmp/work/checked.rs").read().splitlines()
for _ in range(3000):
    program = b""
    for _ in range(dice.randint(1, 4)):
        kind, count = dice.randrange(6), dice.choice([0, 1, 2, 63, 64, 65, 200, 255])
        bytes_after = bytes(dice.randrange(256) for _ in range(count)) if kind in (0, 4) else b""
        extra = bytes([dice.choice([0, 1, 2, 64, 255])]) if kind in (1, 2) else b""
        program += bytes([kind, count]) + bytes_after + extra
    ran = subprocess.run(["/tmp/work/checked"], input=program, capture_output=True)
    place = re.search(r"index out of bounds.*checked\.rs:(\d+)", ran.stderr.decode("utf-8", "replace"), re.S)
    if place:
        above = [re.search(r"fn (\w+)", line) for line in lines[: int(place.group(1))]]
        print("unpack.rs:%s CWE-125" % [found.group(1) for found in above if found][-1])
        break
END
python3 probe.py
