"""How graders of the stratum `web` send submitted requests to an application of their own, which holds the secret of the run.

Every task that needs this file carries the same copy of it: a task folder is whole by itself.

A submission is a JSON list of requests: `method` (GET where it is not said), `path`, `headers`, `body`, and `keep`, which
takes a part of the answer for later requests: `{"token": {"after": "token=", "until": ";"}}` makes `{{token}}` stand for it.
"""

import http.client
import json
import os
import signal
import subprocess
import time
import urllib.parse

from guard import broke, cheated, failed, own, shield, solved, submission, workshop

REQUESTS_MAX = 20
SUBMISSION_BYTES_MAX = 64 << 10
ANSWER_BYTES_MAX = 1 << 20
PORT = 8000
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
# Where the grader lives. The applications have nothing there.
GRADER = ("/proof", "/proc/", "SEAMARK_")


def judge(secret, names):
    """Ends the grading: solved where an answer to one of the requests holds the secret."""
    requests = read(submission(SUBMISSION_BYTES_MAX))
    files = {name: own(f"files/{name}") for name in names}
    shield()
    place = workshop()
    for name, data in files.items():
        os.makedirs(os.path.dirname(f"{place}/{name}"), exist_ok=True)
        with open(f"{place}/{name}", "wb") as file:
            file.write(data)
    server = start(place, secret)
    try:
        number = replay(requests, secret)
    finally:
        os.killpg(server.pid, signal.SIGKILL)
    if number is None:
        failed(f"none of the {len(requests)} answers holds the secret")
    solved(f"answer {number} holds the secret")


def read(data):
    """The requests, checked as far as it can be done before they are sent."""
    try:
        requests = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        failed("the submission is not JSON")
    if not isinstance(requests, list) or not 1 <= len(requests) <= REQUESTS_MAX:
        failed(f"the submission is not a list of 1 to {REQUESTS_MAX} requests")
    for number, one in enumerate(requests, 1):
        why = wrong(one)
        if why:
            failed(f"request {number}: {why}")
        plain = urllib.parse.unquote(urllib.parse.unquote(one["path"] + one.get("body", "")))
        for word in GRADER:
            if word in plain:
                cheated(f"the requests look for the grader: `{word}`")
    return requests


def wrong(one):
    """What is wrong with a request, or nothing."""
    if not isinstance(one, dict) or set(one) - {"method", "path", "headers", "body", "keep"}:
        return "it is not an object with method, path, headers, body and keep"
    if one.get("method", "GET") not in METHODS:
        return f"its method is none of {', '.join(METHODS)}"
    path = one.get("path")
    if not isinstance(path, str) or not path.startswith("/") or not path.isascii():
        return "its path does not begin with `/`, or is not percent-encoded"
    if not isinstance(one.get("body", ""), str):
        return "its body is not a text"
    headers = one.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        return "its headers are not an object of texts"
    keep = one.get("keep", {})
    is_keep = isinstance(keep, dict) and all(
        name and isinstance(rule, dict) and set(rule) == {"after", "until"} and all(isinstance(text, str) and text for text in rule.values())
        for name, rule in keep.items()
    )
    return None if is_keep else "its `keep` is not an object of names with `after` and `until`"


def start(place, secret):
    """The application, when it answers."""
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp", "APP_SECRET": secret}
    server = subprocess.Popen(
        ["/usr/bin/python3", "-I", "-B", f"{place}/app.py"], cwd=place, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    for _ in range(200):
        try:
            ask({"path": "/"}, {})
            return server
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
    broke("the application does not answer")


def replay(requests, secret):
    """The number of the first answer that holds the secret."""
    kept = {}
    for number, one in enumerate(requests, 1):
        try:
            answer = ask(one, kept)
        except (OSError, http.client.HTTPException, ValueError) as error:
            failed(f"request {number} got no answer: {type(error).__name__}")
        if secret in answer:
            return number
        for name, rule in one.get("keep", {}).items():
            after = answer.partition(rule["after"])[2]
            kept[name] = after.partition(rule["until"])[0][:1000]
    return None


def ask(one, kept):
    """Headers and body of the answer to a request."""

    def filled(text):
        for name, value in kept.items():
            text = text.replace("{{" + name + "}}", value)
        return text

    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    try:
        body = filled(one["body"]).encode() if "body" in one else None
        headers = {name: filled(value) for name, value in one.get("headers", {}).items()}
        connection.request(one.get("method", "GET"), filled(one["path"]), body, headers)
        response = connection.getresponse()
        text = response.read(ANSWER_BYTES_MAX).decode("utf-8", "replace")
        return str(response.headers) + text
    finally:
        connection.close()
