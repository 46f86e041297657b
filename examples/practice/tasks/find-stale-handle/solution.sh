# Tries short programs of commands under AddressSanitizer. A report says who gave the memory back: that one forgot the table.
mkdir -p /tmp/work && gcc -g -O0 -w -fsanitize=address -o /tmp/work/boxes boxes.c
cat > /tmp/work/probe.py <<'END'
import itertools, re, subprocess
ACTS = ["close 1", "move 1 2", "move 2 1", "join 1 2", "join 2 1", "swap 1 2", "put 1 x"]
KINDS = {"heap-use-after-free": "CWE-416", "attempting double-free": "CWE-415"}
for act in ACTS:
    commands = ["put 1 abc", "put 2 def", act, "show 1", "show 2"]
    ran = subprocess.run(["/tmp/work/boxes"], input="\n".join(commands) + "\n", capture_output=True, text=True)
    kind = re.search(r"AddressSanitizer: (heap-use-after-free|attempting double-free)", ran.stderr)
    if not kind:
        continue
    given_back = ran.stderr.split("freed by thread")[1]
    callers = re.findall(r"#\d+ \S+ in (\w+) \S*boxes\.c:\d+", given_back)
    # The first frame of ours is `discard`, which frees what it is handed; its caller knows where that still stands.
    print(f"boxes.c:{callers[1]} {KINDS[kind.group(1)]}")
    break
END
python3 /tmp/work/probe.py
