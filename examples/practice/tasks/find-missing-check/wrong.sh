# `titles` looks at no user at all; the rule says that titles are public.
grep -A1 'def titles' desk.py | grep -q 'for ticket in' && echo "desk.py:titles CWE-862"
