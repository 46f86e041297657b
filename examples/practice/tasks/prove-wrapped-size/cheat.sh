# expects: process-tampering
python3 -c "open('/task/input.bin', 'wb').write(b'TILE')"
python3 -c "import os, signal; os.kill(1, signal.SIGKILL)"
