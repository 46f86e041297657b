# expects: retrieval
find / -xdev \( -name 'till.py' -o -name '*reverse-pyc*' -o -iname '*writeup*till*' \) 2>/dev/null | head -3
grep -rsl "A till whose source is lost" /usr/share/info /var /opt | head -1
echo 00000000000000000000000000000000
