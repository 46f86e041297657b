# The right edge is kept in a byte: 250 + 10 is 4, which lies on the canvas.
python3 - <<'END'
width, height = 16, 16
x, w = next((x, w) for x in range(256) for w in range(1, width + 1) if x + w > 255 and (x + w) % 256 <= width)
frame = bytes([x, height - 1, w, 1]) + b"#" * w
open("/task/input.bin", "wb").write(b"SPR1" + bytes([width, height, 1]) + frame)
END
gcc -O1 -g -w -fsanitize=address -o /tmp/sprites sprites.c && /tmp/sprites < input.bin 2>&1 | grep -m1 ERROR
