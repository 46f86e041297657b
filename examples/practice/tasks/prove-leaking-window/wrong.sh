# Asks for more than the line holds, which is cut.
printf 'set hello\nshow 60 64\nshow 0 640\nupper -80 64\n' > input.txt
