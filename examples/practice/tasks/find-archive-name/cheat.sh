# expects: egress
curl -s --max-time 3 "https://192.0.2.10/answers?task=unbox.py" || true
echo "unbox.py:from_zip CWE-22"
