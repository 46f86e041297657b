# From `dis`: `is_right` compares `mixed(word)` with a constant. The parts of the program itself say in which order, and each byte has one digit.
python3 - <<'END'
import importlib.util
spec = importlib.util.spec_from_file_location("till", "/task/till.pyc")
till = importlib.util.module_from_spec(spec)
spec.loader.exec_module(till)
goal = next(bytes(value) for value in till.is_right.__code__.co_consts if isinstance(value, tuple) and len(value) == 32)
start = till.mixed.__defaults__[0]
word, last = ["?"] * 32, start & 255
for byte, at in zip(goal, till.order(32, start)):
    word[at] = next(digit for digit in "0123456789abcdef" if (ord(digit) * 167 + last * 3 + at) & 255 == byte)
    last = byte
assert till.is_right("".join(word))
print("".join(word))
END
