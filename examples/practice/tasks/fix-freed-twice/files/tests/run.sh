# Builds the program and runs it without any copy.
cd "$(dirname "$0")/.." || exit 2
gcc -Wall -g -fsanitize=address -o /tmp/songs songs.c || exit 2
wanted='0 one (1)
1 three (1)
?'
test "$(printf 'add one\nadd two\ndrop 1\nadd three\nprint\ndrop 7\n' | ASAN_OPTIONS=detect_leaks=0 /tmp/songs)" = "$wanted" || { echo "failed"; exit 1; }
echo "all passed"
