# A long message without a space is cut at byte 32; letters of two bytes behind an odd one have no end there.
python3 -c "print('a: b' + '%C3%A9' * 20)" > input.txt
/usr/bin/rustc --edition 2021 -O -A warnings -o /tmp/excerpt excerpt.rs && /tmp/excerpt < input.txt 2>&1 | head -1
