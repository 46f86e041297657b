# Builds the program and runs it on a good file, and on a name that is far too long.
cd "$(dirname "$0")/.." || exit 2
gcc -Wall -g -o /tmp/cards src/main.c src/cards.c || exit 2
wanted='Ada Lovelace <ada@example.org> met in Turin writes programs
Charles <> '
test "$(/tmp/cards < tests/good.txt)" = "$wanted" || { echo "good.txt is read wrongly"; exit 1; }
test "$(printf 'name:%0100d\n' 0 | /tmp/cards)" = refused || { echo "a long name is taken"; exit 1; }
echo "all passed"
