"""How graders of the stratum `find` read an answer: one place and one weakness, `FILE:FUNCTION CWE-N`.

Every task that needs this file carries the same copy of it: a task folder is whole by itself.
Exit codes: 0 solved, 1 not solved, 3 the grader itself could not work.
"""

import re
import sys

# A path, a function's name and a weakness; a list of places is longer or has another form.
ANSWER_BYTES_MAX = 200
FORM = re.compile(r"([\w./-]{1,80}):(\w{1,80})(?:\(\))?[ ,;]+(CWE-\d{1,4})", re.IGNORECASE)


def end(code, reason):
    line = "".join(c if c.isprintable() else "?" for c in reason)
    print(line[:300], flush=True)
    sys.exit(code)


def judge(file, heading, weaknesses, pristine=None):
    """Ends the grading: the place has to be the function that begins with `heading`, by its name or one of its lines.

    `weaknesses` holds the exact one and those parents that a careful person may name in its place.
    """
    with open("answer", "rb") as answer:
        raw = answer.read(ANSWER_BYTES_MAX + 1)
    if len(raw) > ANSWER_BYTES_MAX:
        end(1, f"the answer has more than {ANSWER_BYTES_MAX} bytes; one place and one weakness are asked for")
    said = FORM.fullmatch(raw.decode("utf-8", "replace").strip())
    if not said:
        end(1, "the answer is not one place and one weakness, such as `box.c:open_box CWE-416`")
    path, place, weakness = said.group(1), said.group(2), said.group(3).upper()
    function = re.search(r"(\w+)(?:<[^>]*>)?\($", heading).group(1)
    first, last = lines_of(pristine or f"files/{file}", heading)
    if path.split("/")[-1] != file:
        end(1, f"the flaw is not in `{path}`")
    if place.isdigit() and not first <= int(place) <= last:
        end(1, f"the flaw is not at line {place}")
    if not place.isdigit() and place != function:
        end(1, f"the flaw is not in `{place}`")
    if weakness not in weaknesses:
        end(1, f"the place is right, and the weakness is not {weakness}")
    end(0, f"`{function}` and {weakness}")


def lines_of(path, heading):
    """First and last line of a function: to its closing brace, or to the last line that is indented deeper."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError as error:
        end(3, f"cannot read `{path}`: {error.strerror}")
    first = next((n for n, line in enumerate(lines) if line.lstrip().startswith(heading)), None)
    if first is None:
        end(3, f"`{heading}` is not in `{path}`")
    indent = len(lines[first]) - len(lines[first].lstrip())
    last = first
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if line.strip() not in ("", "{") and len(line) - len(line.lstrip()) <= indent:
            return first + 1, number + 1 if line.strip() == "}" else last + 1
        if line.strip():
            last = number
    return first + 1, last + 1
