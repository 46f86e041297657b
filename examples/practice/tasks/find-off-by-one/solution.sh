# Feeds every kind of record, of several lengths and repeated, to a build with AddressSanitizer, and reads the place from its report.
mkdir -p /tmp/work && gcc -g -O1 -w -fsanitize=address -o /tmp/work/notes notes.c
cat > /tmp/work/probe.py <<'END'
import re, subprocess
KINDS = {"WRITE": "CWE-787", "READ": "CWE-125"}
for repeat in range(1, 12):
    for kind in b"tcbgl":
        for length in (0, 2, 3, 11, 12, 40, 254, 255):
            record = bytes([kind, length]) + b"a" * length
            ran = subprocess.run(["/tmp/work/notes"], input=record * repeat, capture_output=True)
            report = ran.stderr.decode("utf-8", "replace")
            access = re.search(r"^(READ|WRITE) of size", report, re.M)
            place = re.search(r"#\d+ \S+ in (\w+) \S*notes\.c:\d+", report)
            if access and place:
                print(f"notes.c:{place.group(1)} {KINDS[access.group(1)]}")
                raise SystemExit
END
python3 /tmp/work/probe.py
