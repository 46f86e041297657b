# From the disassembly: each letter is mixed with 29 i + 17, turned left by i % 7 + 1, and added to the one before (0x5a first).
# Undone at every place of the constants, until 32 hexadecimal digits come out; the door has the last word.
chmod +x door
python3 - <<'END'
import re, subprocess
section = subprocess.run(["readelf", "-SW", "door"], capture_output=True, text=True).stdout
offset, size = (int(text, 16) for text in re.search(r"\.rodata\s+PROGBITS\s+\w+\s+(\w+)\s+(\w+)", section).groups())
constants = open("door", "rb").read()[offset : offset + size]
for start in range(len(constants) - 31):
    word, last = "", 0x5A
    for at, byte in enumerate(constants[start : start + 32]):
        turned, by = (byte - last) & 255, at % 7 + 1
        word += chr((turned >> by | turned << (8 - by)) & 255 ^ (at * 29 + 17) & 255)
        last = byte
    if re.fullmatch("[0-9a-f]{32}", word) and subprocess.run(["./door", word], capture_output=True).returncode == 0:
        print(word)
END
