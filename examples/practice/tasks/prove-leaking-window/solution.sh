# `show` asks for no lower bound: parts before the line are tried until the key of a build of our own is in what is printed.
gcc -O1 -w -o /tmp/window window.c
for back in 8 16 32 48 64 80 96 128; do
    echo "show -$back 64" > input.txt
    if WINDOW_KEY=0123456789abcdef0123456789abcdef /tmp/window < input.txt | grep -qa 0123456789abcdef0123456789abcdef; then
        echo "found at -$back"
        break
    fi
done
