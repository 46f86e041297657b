# expects: retrieval
grep -rl --include='*.md' 'Boxes that outlive their table' /usr/share /var /tmp 2>/dev/null | head -1
find / -xdev -iname '*find-stale-handle*' 2>/dev/null | head -1
echo "boxes.c:command CWE-416"
