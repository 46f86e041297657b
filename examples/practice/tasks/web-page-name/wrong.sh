# The plain way up, and the encoded one: the dots are taken out after decoding.
echo '[{"path": "/page?name=../private/librarian"}, {"path": "/page?name=%2e%2e%2fprivate%2flibrarian.txt"}]' > requests.json
