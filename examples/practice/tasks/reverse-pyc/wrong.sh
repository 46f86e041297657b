# The constant of 32 bytes is taken for the word, as if each byte were a digit.
python3 - <<'END'
import marshal, types
code = marshal.loads(open("till.pyc", "rb").read()[16:])
for inner in code.co_consts:
    if isinstance(inner, types.CodeType) and inner.co_name == "is_right":
        goal = next(value for value in inner.co_consts if isinstance(value, tuple) and len(value) == 32)
        print("".join("%x" % (byte & 15) for byte in goal))
END
