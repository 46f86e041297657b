# As if the order were shorter than a third of a key: the root of one sealed number is taken as it is.
python3 - <<'END'
import json
sealed = int(json.load(open("sent.json"))[0]["sealed"], 16)
low, high = 0, 1 << 400
while low < high:
    middle = (low + high) // 2
    low, high = (middle + 1, high) if middle**3 < sealed else (low, middle)
print("%032x" % (low >> 48 & (1 << 128) - 1))
END
