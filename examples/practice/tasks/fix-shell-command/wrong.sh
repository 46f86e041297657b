# Everything is quoted for the shell; a word with a dash in front is still an option, and a name still leads out.
python3 - <<'END'
text = open("shelf.py").read()
text = text.replace("import subprocess\n", "import shlex\nimport subprocess\n")
text = text.replace("'{folder}/{name}.txt'", "{shlex.quote(f'{folder}/{name}.txt')}")
text = text.replace("'{word}'", "{shlex.quote(word)}").replace("{most}", "{int(most)}")
text = text.replace("ls {folder}/{begin}*.txt", "ls {shlex.quote(folder)}/{shlex.quote(begin)}*.txt")
open("shelf.py", "w").write(text)
END
python3 -B tests/run.py
