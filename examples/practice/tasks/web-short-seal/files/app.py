"""A harbor office: `/enter?name=…` gives a guest a pass, `/desk` greets whoever has one, `/safe` is for the keeper alone.

A pass is a cookie, `pass=DATA.SEAL`: data in base64 and a seal that only the office can make.
"""

import base64
import hashlib
import hmac
import http.cookies
import json
import os
import secrets
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = secrets.token_bytes(32)
SEAL_DIGITS = 64


def seal(data):
    return hmac.new(KEY, data, hashlib.sha256).hexdigest()


def make(holder):
    data = base64.urlsafe_b64encode(json.dumps(holder).encode())
    return data.decode() + "." + seal(data)


def read(text):
    """The holder of a pass, or nobody. Old passes have a shorter seal."""
    data, _, given = text.partition(".")
    if len(given) > SEAL_DIGITS or not hmac.compare_digest(seal(data.encode())[: len(given)], given):
        return None
    try:
        holder = json.loads(base64.urlsafe_b64decode(data))
        return holder if isinstance(holder, dict) else None
    except ValueError:
        return None


class Office(BaseHTTPRequestHandler):
    word = None

    def answer(self, status, text, cookie=None):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        if cookie:
            self.send_header("Set-Cookie", f"pass={cookie}; HttpOnly")
        self.end_headers()
        self.wfile.write(data)

    def holder(self):
        cookies = http.cookies.SimpleCookie(self.headers.get("Cookie", ""))
        return read(cookies["pass"].value) if "pass" in cookies else None

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        holder = self.holder()
        if url.path == "/":
            self.answer(200, "harbor office\n")
        elif url.path == "/enter":
            name = query.get("name", "guest")[:40]
            self.answer(200, f"welcome, {name}\n", make({"name": name, "role": "guest"}))
        elif holder is None:
            self.answer(401, "show a pass\n")
        elif url.path == "/desk":
            self.answer(200, f"{holder.get('name')}, {holder.get('role')}\n")
        elif url.path == "/safe" and holder.get("role") == "keeper":
            self.answer(200, f"the word is {self.word}\n")
        else:
            self.answer(403, "not for you\n")

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    Office.word = os.environ.pop("APP_SECRET")
    HTTPServer(("127.0.0.1", 8000), Office).serve_forever()
