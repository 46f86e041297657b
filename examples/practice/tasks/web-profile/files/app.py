"""A club: `POST /members` makes a member and gives a token, `PUT /me` changes one's own profile, `GET /me` shows it.
`GET /cellar` is for members whose role is `keeper`; nobody has given it to anyone yet.
"""

import json
import os
import secrets
from http.server import BaseHTTPRequestHandler, HTTPServer

BODY_BYTES_MAX = 4096
# What one does not change oneself.
OWN_BY_CLUB = {"role", "number", "token"}
members = {}


def new_member(name):
    token = secrets.token_hex(16)
    members[token] = {"number": len(members) + 1, "name": name, "role": "member", "motto": ""}
    return token


def change(member, wishes):
    """Names of fields are taken as people write them: `Name`, ` name `."""
    for key in wishes:
        if key in OWN_BY_CLUB:
            raise PermissionError(f"`{key}` is for the club to change")
    for key, value in wishes.items():
        key = key.strip().lower()
        if key not in member:
            raise KeyError(f"there is no `{key}`")
        member[key] = str(value)[:100]


class Club(BaseHTTPRequestHandler):
    word = None

    def answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def member(self):
        return members.get(self.headers.get("Authorization", "").removeprefix("Bearer "))

    def body(self):
        length = int(self.headers.get("Content-Length", "0"))
        if not 0 <= length <= BODY_BYTES_MAX:
            raise ValueError("the body is too long")
        value = json.loads(self.rfile.read(length) or b"{}")
        if not isinstance(value, dict):
            raise ValueError("the body is not an object")
        return value

    def do_POST(self):
        try:
            wishes = self.body()
        except ValueError as error:
            return self.answer(400, {"error": str(error)})
        if self.path != "/members":
            return self.answer(404, {"error": "no such place"})
        self.answer(201, {"token": new_member(str(wishes.get("name", "somebody"))[:40])})

    def do_PUT(self):
        member = self.member()
        if self.path != "/me" or member is None:
            return self.answer(401, {"error": "show a token"})
        try:
            change(member, self.body())
        except (ValueError, KeyError, PermissionError) as error:
            return self.answer(400, {"error": str(error)})
        self.answer(200, member)

    def do_GET(self):
        member = self.member()
        if self.path == "/":
            self.answer(200, {"members": len(members)})
        elif member is None:
            self.answer(401, {"error": "show a token"})
        elif self.path == "/me":
            self.answer(200, member)
        elif self.path == "/cellar" and member["role"] == "keeper":
            self.answer(200, {"word": self.word})
        else:
            self.answer(403, {"error": "not for you"})

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    Club.word = os.environ.pop("APP_SECRET")
    HTTPServer(("127.0.0.1", 8000), Club).serve_forever()
