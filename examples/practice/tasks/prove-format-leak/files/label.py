"""Label: prints parcels with a template that the sender wrote: `label.py TEMPLATE-FILE`.

`{to.name}`, `{to.town}`, `{weight:>6}` and the like are filled in. The depot's stamp is for its own labels.
"""

import os
import string
import sys

TEMPLATE_BYTES_MAX = 512
FIELDS = ("to", "sender", "weight")


class Depot:
    def __init__(self, stamp):
        self.stamp = stamp


class Person:
    def __init__(self, name, town):
        self.name = name
        self.town = town

    def __str__(self):
        return f"{self.name}, {self.town}"


DEPOT = Depot(os.environ.pop("LABEL_STAMP", "none"))


def checked(template):
    """A template names only our fields, and nothing private."""
    if len(template.encode()) > TEMPLATE_BYTES_MAX:
        raise ValueError("the template is too long")
    for _, field, spec, _ in string.Formatter().parse(template):
        if field is None:
            continue
        if field.split(".")[0].split("[")[0] not in FIELDS:
            raise ValueError(f"there is no `{field}`")
        if field.split(".")[-1].startswith("_"):
            raise ValueError(f"`{field}` is private")
    return template


def label(template):
    values = {"to": Person("Ada", "Turin"), "sender": Person("Charles", "London"), "weight": 420}
    return checked(template).format(**values)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    try:
        print(label(text))
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        print(f"refused: {error}")
