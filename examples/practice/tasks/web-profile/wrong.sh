# The role is asked for when the member is made, and plainly afterwards: the first is not read, the second refused.
cat > requests.json <<'END'
[{"method": "POST", "path": "/members", "body": "{\"name\": \"ada\", \"role\": \"keeper\"}", "keep": {"token": {"after": "\"token\": \"", "until": "\""}}},
 {"method": "PUT", "path": "/me", "headers": {"Authorization": "Bearer {{token}}"}, "body": "{\"role\": \"keeper\"}"},
 {"path": "/cellar", "headers": {"Authorization": "Bearer {{token}}"}}]
END
