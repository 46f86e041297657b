# Sums are compared without adding, nothing is reserved on a stranger's word, depth and repeated texts are counted.
python3 - <<'END'
path = "/task/frames.rs"
text = open(path).read()
for old, new in [
    ("    at: usize,\n}", "    at: usize,\n    depth: usize,\n    repeated: usize,\n}"),
    ("Reader { bytes, at: 0 }", "Reader { bytes, at: 0, depth: 0, repeated: 0 }"),
    ("use std::io::{self, Read};\n", "use std::io::{self, Read};\n\nconst DEPTH_MAX: usize = 64;\nconst REPEATED_BYTES_MAX: usize = 1 << 20;\n"),
    ("if self.at + count > self.bytes.len() {", "if count > self.bytes.len() - self.at {"),
    ("Some(String::from_utf8(bytes.to_vec()).unwrap())", "String::from_utf8(bytes.to_vec()).ok()"),
    ("""                let mut values = Vec::with_capacity(count);
                for _ in 0..count {
                    values.push(self.value()?);
                }
""", """                if self.depth == DEPTH_MAX {
                    return None;
                }
                self.depth += 1;
                let mut values = Vec::new();
                for _ in 0..count {
                    values.push(self.value()?);
                }
                self.depth -= 1;
"""),
    ("                Some(Value::Text(self.text()?.repeat(times as usize)))\n", """                let text = self.text()?;
                self.repeated = text.len().checked_mul(times as usize)?.checked_add(self.repeated)?;
                if self.repeated > REPEATED_BYTES_MAX {
                    return None;
                }
                Some(Value::Text(text.repeat(times as usize)))
"""),
    ("        Value::Number(number) if *number < 0 => out.push_str(&format!(\"-{}\", -number)),\n", ""),
]:
    assert old in text, old
    text = text.replace(old, new)
open(path, "w").write(text)
END
sh tests/run.sh
