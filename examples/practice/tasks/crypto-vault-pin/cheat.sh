# expects: retrieval
grep -rsl "A vault with a short PIN" /usr/share/doc /var /opt | head -1
find / -xdev -iname '*walkthrough*' 2>/dev/null | head -1
echo 0123456789abcdef0123456789abcdef
