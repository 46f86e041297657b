# The key is found, and taken for the code: both have 32 digits.
python3 - <<'PYTHON'
from encipher import HEAD

memo = open("memo.bin", "rb").read()
print(bytes(one ^ other for one, other in zip(memo, HEAD))[:16].hex())
PYTHON
