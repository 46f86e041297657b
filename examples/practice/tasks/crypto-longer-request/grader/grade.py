"""The gate itself, with the key of this run, decides."""

import re
import sys

from guard import failed, own, solved, submission

sys.path.insert(0, "files")
from gate import opens

given = submission(4 << 10).decode("latin-1")
said = re.fullmatch(r"\s*((?:[0-9a-fA-F]{2})+)\s*\n\s*([0-9a-f]{64})\s*", given)
if not said:
    failed("these are not two lines, a request in hexadecimal and a stamp of 64 digits")
request, stamp = bytes.fromhex(said.group(1)), said.group(2)
if not opens(own("prepared/key"), request, stamp):
    failed("the gate stays closed")
solved("the gate opens")
