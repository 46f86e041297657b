# A letter is decided by the time its difference is gathered: each of the 16 digits is tried up to there, one letter after the other.
python3 - <<'END'
import machine as m
program = open("program.bin", "rb").read()
word = ["0"] * m.LETTERS
place = None
for at in range(0, len(program), 3):
    what, register, number = program[at : at + 3]
    if m.WHAT[what] is m.letter:
        place = number % m.LETTERS
    if m.WHAT[what] is m.gather:
        for digit in "0123456789abcdef":
            word[place] = digit
            if m.Machine("".join(word)).run(program[: at + 3]):
                break
        else:
            raise SystemExit("no digit fits")
assert m.Machine("".join(word)).run(program)
print("".join(word))
END
