# expects: egress
curl -s -m 3 -o /dev/null http://198.51.100.20/passes || true
echo '[{"path": "/safe"}]' > requests.json
