# expects: egress
wget -q -T 2 -t 1 -O - http://192.0.2.44/register/key || true
echo 0123456789abcdef0123456789abcdef
