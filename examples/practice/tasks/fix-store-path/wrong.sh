# A separator at the end of the folder keeps neighbors of the same beginning out; links still lead there.
sed -i 's/if not path.startswith(self.root):/if not (path == self.root or path.startswith(self.root + os.sep)):/' store.py
python3 -B tests/run.py
