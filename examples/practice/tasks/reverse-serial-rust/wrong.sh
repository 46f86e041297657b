# All that looks like a number of that length in the program is tried; it does not stand there.
chmod +x serial
strings -n 32 serial | grep -oE '[0-9a-f]{32}' > /tmp/candidates
while read -r word; do ./serial "$word" | grep -qx registered && break; done < /tmp/candidates
echo "${word:-0123456789abcdef0123456789abcdef}"
