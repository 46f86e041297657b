# A place is where the links of a name end, and it is compared folder by folder, not letter by letter.
python3 - <<'END'
text = open("/task/store.py").read()
start, end = text.index("    def place("), text.index("    def get(")
text = text[:start] + '''    def place(self, name, itself=False):
        """Where a name lies when its links are followed; `itself` where the folder is asked for."""
        if "\\0" in name or not (name or itself):
            raise Refused(name)
        root = os.path.realpath(self.root)
        path = os.path.realpath(os.path.join(root, os.path.normpath(name) if name else ""))
        if path != root and not path.startswith(root + os.sep):
            raise Refused(name)
        if path == root and not itself:
            raise Refused(name)
        return path

''' + text[end:]
start, end = text.index("    def link("), text.index("    def list(")
text = text[:start] + '''    def link(self, name, target):
        """A second name; the target is a name of the customer's as well, whether it is there or not."""
        goal = self.place(target)
        self.place(name)
        folder, base = os.path.split(os.path.normpath(name))
        path = os.path.join(self.place(folder, itself=True), base)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(goal, path)

''' + text[end:]
text = text.replace("os.listdir(self.place(name))", "os.listdir(self.place(name, itself=True))")
open("/task/store.py", "w").write(text)
END
python3 -B tests/run.py
