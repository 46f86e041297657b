"""A catalog of charts: `/charts?q=…&show=…` searches titles and shows columns of what it found. The safe is for the keeper."""

import json
import os
import re
import sqlite3
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

CHARTS = [("Outer roads", 1841, "Reid"), ("Inner harbor", 1902, "Olsen"), ("Northern shoals", 1877, "Reid")]
# Columns are words with commas between them; no quotes, no marks, no figures.
SHOW = re.compile(r"[A-Za-z_, ()]{1,80}")
FORBIDDEN = ("union", "drop", "insert", "update", "delete", "attach", "pragma")


def furnish(secret):
    data = sqlite3.connect(":memory:")
    data.execute("create table charts (title text, year integer, drawn_by text)")
    data.executemany("insert into charts values (?, ?, ?)", CHARTS)
    data.execute("create table safe (label text, word text)")
    data.execute("insert into safe values ('cellar', ?)", (secret,))
    return data


def search(data, query, show):
    """Rows of charts whose title holds the query; `show` names the columns."""
    if not SHOW.fullmatch(show) or any(word in show for word in FORBIDDEN):
        raise ValueError("show names columns, such as `title, year`")
    statement = f"select {show} from charts where title like ? order by title"
    return data.execute(statement, (f"%{query}%",)).fetchall()


class Catalog(BaseHTTPRequestHandler):
    data = None

    def answer(self, status, value):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/":
            return self.answer(200, {"charts": len(CHARTS)})
        if url.path != "/charts":
            return self.answer(404, {"error": "no such place"})
        try:
            rows = search(self.data, query.get("q", ""), query.get("show", "title"))
        except (ValueError, sqlite3.Error) as error:
            return self.answer(400, {"error": str(error)})
        self.answer(200, {"rows": rows})

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    Catalog.data = furnish(os.environ.pop("APP_SECRET"))
    HTTPServer(("127.0.0.1", 8000), Catalog).serve_forever()
