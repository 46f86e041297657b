# Builds the program and reads two values.
cd "$(dirname "$0")/.." || exit 2
/usr/bin/rustc --edition 2021 -O -C overflow-checks=on -o /tmp/frames frames.rs || exit 2
test "$(printf 'l\002\000\000\000i\007\000\000\000\000\000\000\000s\002\000\000\000hi' | /tmp/frames)" = '[7 "hi"]' || { echo "a list is read wrongly"; exit 1; }
test "$(printf 's\377\000\000\000hi' | /tmp/frames)" = refused || { echo "half a text is taken"; exit 1; }
echo "all passed"
