"""Calls the submitted module, in a process of its own: reads calls as JSON, writes what came of them."""

import json
import sys

sys.path.insert(0, sys.argv[1])
import shelf

for name, arguments in json.load(sys.stdin):
    try:
        said = ["ok", getattr(shelf, name)(*arguments)]
    except shelf.Refused:
        said = ["refused"]
    except Exception as error:
        said = ["error", type(error).__name__]
    print(json.dumps(said), flush=True)
