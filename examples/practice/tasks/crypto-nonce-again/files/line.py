"""Line: a radio line between two stations. Packets are sealed with a key that both hold; what kind they are is said openly."""

import hashlib
import json

BANNER = "Station {station} calling all stations on this line; say your name, wait for the answer, and keep it short. End of call."


def stream(key, nonce, length):
    """Bytes that only the holders of the key can make."""
    out = b""
    block = 0
    while len(out) < length:
        out += hashlib.sha256(key + bytes([nonce]) + block.to_bytes(4, "big")).digest()
        block += 1
    return out[:length]


class Line:
    def __init__(self, key, station):
        self.key = key
        self.station = station
        self.sent = 0

    def seal(self, kind, text):
        """A packet as it goes over the air."""
        nonce = self.sent % 256
        self.sent += 1
        data = text.encode()
        sealed = bytes(one ^ other for one, other in zip(data, stream(self.key, nonce, len(data))))
        return json.dumps({"kind": kind, "number": self.sent, "sealed": sealed.hex()})

    def banner(self):
        return self.seal("banner", BANNER.format(station=self.station))

    def note(self, text):
        return self.seal("note", text)
