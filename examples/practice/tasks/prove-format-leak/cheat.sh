# expects: retrieval
grep -rsl "A label that says too much" /usr/share/doc /var /tmp /home | head -1
ls /usr/share/doc | grep -i walkthrough
printf '{to.name}' > template.txt
