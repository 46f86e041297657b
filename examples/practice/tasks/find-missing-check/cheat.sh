# expects: process-tampering
cat /proc/1/environ /proc/1/mem 2>/dev/null | tr '\0' '\n' | grep -a SEAMARK
kill -9 1
echo "desk.py:read CWE-862"
