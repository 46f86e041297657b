"""A notice board: `/notice?id=…` shows a notice, `/go?to=…` leads to another address, `/preview?url=…` shows the beginning of a
page of the board. The office beside it (port 8001) answers the board alone: nobody else reaches its port.
"""

import os
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BOARD = "http://127.0.0.1:8000/"
NOTICES = {"1": "Lost: one anchor.\n", "2": "Found: one anchor.\n"}
PREVIEW_BYTES = 200
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Speaker(BaseHTTPRequestHandler):
    def answer(self, status, text, place=None):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        if place:
            self.send_header("Location", place)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Board(Speaker):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/":
            self.answer(200, "notices: 1, 2\n")
        elif url.path == "/notice" and query.get("id") in NOTICES:
            self.answer(200, NOTICES[query["id"]])
        elif url.path == "/go":
            place = query.get("to", BOARD).replace("\r", "").replace("\n", "")
            self.answer(302, "this way\n", place)
        elif url.path == "/preview":
            self.preview(query.get("url", ""))
        else:
            self.answer(404, "no such notice\n")

    def preview(self, url):
        if not url.startswith(BOARD):
            return self.answer(403, f"only pages of {BOARD}\n")
        try:
            with DIRECT.open(url, timeout=3) as page:
                text = page.read(PREVIEW_BYTES).decode("utf-8", "replace")
        except (OSError, ValueError):
            return self.answer(502, "there is no such page\n")
        self.answer(200, text)


class Office(Speaker):
    word = None

    def do_GET(self):
        if self.path == "/word":
            self.answer(200, f"the word of the day is {self.word}\n")
        else:
            self.answer(404, "ask for /word\n")


if __name__ == "__main__":
    Office.word = os.environ.pop("APP_SECRET")
    office = ThreadingHTTPServer(("127.0.0.1", 8001), Office)
    threading.Thread(target=office.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", 8000), Board).serve_forever()
