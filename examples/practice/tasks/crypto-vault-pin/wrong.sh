# The magic at its beginning is known; its mask is taken for that of all the rest.
python3 - <<'END'
sealed = open("vault.bin", "rb").read()
mask = bytes(one ^ other for one, other in zip(sealed, b"vault 1\n"))
text = bytes(byte ^ mask[at % 8] for at, byte in enumerate(sealed))
print(text[-33:-1].hex()[:32])
END
