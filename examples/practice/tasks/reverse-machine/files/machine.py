"""Machine: runs a program on a word and says whether it is pleased: `machine.py PROGRAM WORD`.

A program is a list of instructions of three bytes: what, which register (0 to 7), and a number. Registers hold bytes and
begin with 0. Register 7 is what the program thinks of the word at its end: 0 is pleased.
"""

import sys

LETTERS = 32


def letter(machine, at, number):
    machine[at] = machine.word[number % LETTERS]


def put(machine, at, number):
    machine[at] = number


def copy(machine, at, number):
    machine[at] = machine[number % 8]


def add(machine, at, number):
    machine[at] += number


def sum_(machine, at, number):
    machine[at] += machine[number % 8]


def mix(machine, at, number):
    machine[at] ^= number


def differ(machine, at, number):
    machine[at] ^= machine[number % 8]


def turn(machine, at, number):
    machine[at] = machine[at] << number % 8 | machine[at] >> 8 - number % 8


def times(machine, at, number):
    machine[at] *= number | 1


def gather(machine, at, number):
    machine[at] |= machine[number % 8]


WHAT = [letter, put, copy, add, sum_, mix, differ, turn, times, gather]


class Machine:
    def __init__(self, word):
        self.word = word.encode("latin-1").ljust(LETTERS, b"\0")
        self.registers = bytearray(8)

    def __getitem__(self, at):
        return self.registers[at]

    def __setitem__(self, at, value):
        self.registers[at] = value & 255

    def run(self, program):
        for what, at, number in zip(program[::3], program[1::3], program[2::3]):
            WHAT[what](self, at % 8, number)
        return self[7] == 0


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        is_pleased = Machine(sys.argv[2]).run(file.read())
    print("pleased" if is_pleased else "not pleased")
