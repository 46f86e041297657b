"""Store: files of one customer, below a folder of their own. Names come from the customer, links too.

`put` makes the folders that a name goes through. What leads out of the folder is `Refused`, and nothing is read or
written on the way there; what is not there is `Missing`.
"""

import os


class Refused(Exception):
    pass


class Missing(Exception):
    pass


class Store:
    def __init__(self, root):
        self.root = os.path.abspath(root)

    def place(self, name):
        """Where a name lies."""
        path = os.path.abspath(os.path.join(self.root, name))
        if not path.startswith(self.root):
            raise Refused(name)
        return path

    def get(self, name):
        try:
            with open(self.place(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            raise Missing(name) from None

    def put(self, name, data):
        path = self.place(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)

    def link(self, name, target):
        """A second name; the target is a name of the customer's as well, whether it is there or not."""
        path = self.place(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(os.path.join(self.root, target), path)

    def list(self, name=""):
        """Names of what lies in a folder, sorted."""
        try:
            return sorted(os.listdir(self.place(name)))
        except FileNotFoundError:
            raise Missing(name) from None
