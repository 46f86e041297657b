# The one with a subtraction in its index looks the most daring.
above=$(grep -n 'get_unchecked(self.output.len() - ' unpack.rs | cut -d: -f1)
echo "unpack.rs:$(head -n "$above" unpack.rs | sed -n 's/.*fn \([a-z_]*\)(.*/\1/p' | tail -1) CWE-125"
