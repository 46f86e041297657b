# Takes the letters in the order of the program for their order in the word.
python3 - <<'END'
import machine as m
program = open("program.bin", "rb").read()
word, digits, place = ["0"] * m.LETTERS, "", None
for at in range(0, len(program), 3):
    if m.WHAT[program[at]] is m.letter:
        place = program[at + 2] % m.LETTERS
    if m.WHAT[program[at]] is m.gather:
        for digit in "0123456789abcdef":
            word[place] = digit
            if m.Machine("".join(word)).run(program[: at + 3]):
                digits += digit
                break
print(digits)
END
