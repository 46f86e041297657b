# The product wraps, and the check of the file was not computed again.
python3 - <<'END'
import struct
body = struct.pack("<III", 4096, 2**20 + 1, 1) + b"\x01" * 8192
open("/task/input.bin", "wb").write(b"TILE" + struct.pack("<I", 0) + body)
END
