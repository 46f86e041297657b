# As if every packet had the same stream: the first banner is laid over all notes, and what has the right form first is taken.
python3 - <<'END'
import json
from line import BANNER
packets = [json.loads(line) for line in open("heard.jsonl")]
banner = next(packet for packet in packets if packet["kind"] == "banner")
stream = bytes(one ^ other for one, other in zip(bytes.fromhex(banner["sealed"]), BANNER.format(station="Northmark").encode()))
note = next(packet for packet in packets if packet["kind"] == "note" and len(packet["sealed"]) > 120)
print(bytes(one ^ other for one, other in zip(bytes.fromhex(note["sealed"]), stream))[:16].hex())
END
