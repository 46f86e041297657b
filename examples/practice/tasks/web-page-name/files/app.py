"""A reading room: `/` lists its pages, `/page?name=…` shows one. What lies in `private` is for the librarian."""

import os
import re
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = os.path.join(HERE, "pages")
PRIVATE = os.path.join(HERE, "private")
TEXTS = {"opening-hours": "Open from nine to five.\n", "rules": "Silence, and no ink.\n", "local/harbor": "The harbor has a gate.\n"}


def clean(name):
    """No way up: dots that lead there are taken out."""
    name = name.replace("\\", "/").replace("../", "")
    name = re.sub(r"^/+", "", name)
    return name.replace("\0", "")


def page(name):
    path = os.path.normpath(os.path.join(PAGES, clean(name)))
    if not path.endswith(".txt"):
        path += ".txt"
    with open(path, encoding="utf-8") as file:
        return file.read()


class Room(BaseHTTPRequestHandler):
    def answer(self, status, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        if url.path == "/":
            return self.answer(200, "".join(f"{name}\n" for name in sorted(TEXTS)))
        if url.path != "/page":
            return self.answer(404, "no such place\n")
        try:
            self.answer(200, page(query.get("name", [""])[0]))
        except (OSError, ValueError):
            self.answer(404, "no such page\n")

    def log_message(self, *_):
        pass


def furnish(secret):
    for name, text in TEXTS.items():
        path = os.path.join(PAGES, name + ".txt")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    os.makedirs(PRIVATE, exist_ok=True)
    with open(os.path.join(PRIVATE, "librarian.txt"), "w", encoding="utf-8") as file:
        file.write(f"The key of the cellar is {secret}.\n")


if __name__ == "__main__":
    furnish(os.environ.pop("APP_SECRET"))
    ThreadingHTTPServer(("127.0.0.1", 8000), Room).serve_forever()
