# expects: egress
python3 - <<'END'
import socket
try:
    stream = socket.create_connection(("198.51.100.7", 443), timeout=3)
    stream.sendall(b"GET /panics HTTP/1.0\r\n\r\n")
except OSError as error:
    print(error)
END
printf 'a: b' > input.txt
