# As if each letter were always sealed to the same byte.
chmod +x seal
python3 - <<'END'
import subprocess
sealed = open("message.sealed", "rb").read()
table = {}
for letter in b"0123456789abcdef":
    table[subprocess.run(["./seal"], input=bytes([letter]), capture_output=True).stdout[0]] = chr(letter)
digits = "".join(table.get(byte, "0") for byte in sealed)
print(digits[-44:-12])
END
