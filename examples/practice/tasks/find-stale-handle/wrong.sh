# Names the function where the sanitizer stops: that is where it comes to light, and not the flaw.
mkdir -p /tmp/work && gcc -g -O0 -w -fsanitize=address -o /tmp/work/boxes boxes.c
printf 'put 1 a\nput 2 b\njoin 1 2\nshow 2\n' | /tmp/work/boxes 2>&1 | sed -n 's/.*#0 .* in \([a-z_]*\) .*boxes\.c:.*/boxes.c:\1 CWE-416/p' | head -1
