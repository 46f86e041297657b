# Asks for every act as a stranger on somebody else's ticket, and sees which one is not denied.
cat > /tmp/probe.py <<'END'
import sys
sys.path.insert(0, "/task")
import desk as d

CALLS = {
    "read": lambda desk: d.read(desk, "eve", 1),
    "answer": lambda desk: d.answer(desk, "eve", 1, "hello"),
    "attach": lambda desk: d.attach(desk, "eve", 1, "b", b""),
    "fetch": lambda desk: d.fetch(desk, "eve", 1, "a"),
    "close": lambda desk: d.close(desk, "eve", 1),
    "merge": lambda desk: d.merge(desk, "eve", 2, 1),
    "search": lambda desk: 1 in d.search(desk, "eve", "private") or d.found(desk, 0),
}
for act, call in CALLS.items():
    desk = d.Desk()
    desk.agents.add("ann")
    desk.open("bob", "mine", "private")
    desk.open("eve", "hers", "other")
    d.attach(desk, "bob", 1, "a", b"data")
    try:
        call(desk)
    except d.Denied:
        continue
    print(f"desk.py:{act} CWE-862")
    break
END
python3 -B /tmp/probe.py
