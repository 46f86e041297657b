"""Calls the submitted module, in a process of its own: reads calls as JSON, writes what came of them."""

import json
import sys

sys.path.insert(0, sys.argv[1])
import store

ada = store.Store(sys.argv[2])
for name, arguments in json.load(sys.stdin):
    try:
        said = getattr(ada, name)(*[a.encode() if name == "put" and at == 1 else a for at, a in enumerate(arguments)])
        said = ["ok", said.decode() if isinstance(said, bytes) else said]
    except store.Refused:
        said = ["refused"]
    except store.Missing:
        said = ["missing"]
    except Exception as error:
        said = ["error", type(error).__name__]
    print(json.dumps(said), flush=True)
