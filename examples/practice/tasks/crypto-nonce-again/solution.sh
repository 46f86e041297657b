# After 256 packets the nonces begin again: under each banner, whose text is known, lies the stream of the packets 256 before and behind.
python3 - <<'END'
import json, re
from line import BANNER
packets = [json.loads(line) for line in open("heard.jsonl")]
text = BANNER.format(station="Northmark").encode()
for banner in (packet for packet in packets if packet["kind"] == "banner"):
    stream = bytes(one ^ other for one, other in zip(bytes.fromhex(banner["sealed"]), text))
    for packet in packets:
        if packet["kind"] == "note" and (packet["number"] - banner["number"]) % 256 == 0:
            note = bytes(one ^ other for one, other in zip(bytes.fromhex(packet["sealed"]), stream))
            found = re.search(rb"word ([0-9a-f]{32})", note)
            if found:
                print(found.group(1).decode())
END
