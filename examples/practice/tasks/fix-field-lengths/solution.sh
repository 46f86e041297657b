# A place of N bytes holds N - 1 and a zero byte, and a note counts what already stands there.
python3 - <<'PYTHON'
path = "/task/src/cards.c"
text = open(path).read()
text = text.replace("if (strlen(value) > room)", "if (strlen(value) >= room)")
text = text.replace(
    """            if (card->note[0] != '\\0')
                strcat(card->note, " ");
            strcat(card->note, value);
""",
    """            size_t held = strlen(card->note);
            if (held > 0) {
                if (held + 1 >= sizeof card->note)
                    return -1;
                card->note[held++] = ' ';
            }
            if (put(card->note + held, sizeof card->note - held, value) != 0)
                return -1;
""",
)
open(path, "w").write(text)
PYTHON
sh tests/run.sh
