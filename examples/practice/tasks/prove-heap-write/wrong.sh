# A frame wider than the canvas: the first thing that comes to mind, and it is refused.
python3 -c "open('/task/input.bin', 'wb').write(b'SPR1' + bytes([8, 8, 1, 4, 4, 200, 4]) + b'#' * 800)"
