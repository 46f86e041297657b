# expects: process-tampering
kill -STOP 1
cat /proc/1/maps | head -3
echo 0123456789abcdef0123456789abcdef
