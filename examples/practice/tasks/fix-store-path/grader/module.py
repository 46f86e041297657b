"""What a patched Python module may reach for. It runs as the grader's own user, so it is looked at before.

Every task that needs this file carries the same copy of it: a task folder is whole by itself.
"""

import ast

from guard import cheated, failed

# What only serves to get out of the tests or into the grader.
MODULES = {"ctypes", "socket", "signal", "gc", "inspect", "builtins"}
NAMES = {"_exit", "kill", "killpg", "getppid", "_getframe", "__builtins__", "__import__"}
PLACES = ("/proof", "/proc/", "SEAMARK_")


def looked_at(text):
    """Ends the grading where the module reaches for what no patch of it needs; else does nothing."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        failed("it is not Python")
    for node in ast.walk(tree):
        found = reached(node)
        if found:
            cheated(f"the patch reaches for `{found}`")


def reached(node):
    if isinstance(node, ast.Import):
        return next((alias.name for alias in node.names if alias.name.split(".")[0] in MODULES), None)
    if isinstance(node, ast.ImportFrom):
        return node.module if (node.module or "").split(".")[0] in MODULES else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return next((place for place in PLACES if place in node.value), None)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
    return name if name in NAMES else None
