# A million PINs of 500 rounds are a second of work: the program's own functions with a main function that tries them all.
mkdir -p /tmp/work
sed '/^fn main/,$d' vault.rs > /tmp/work/search.rs
cat >> /tmp/work/search.rs <<'END'
fn main() {
    let mut sealed = Vec::new();
    io::stdin().lock().read_to_end(&mut sealed).unwrap();
    for pin in 0..1_000_000 {
        let mut bytes = sealed.clone();
        mask(key(format!("{:06}", pin).as_bytes()), &mut bytes);
        if bytes.starts_with(MAGIC) && bytes.is_ascii() {
            io::stdout().write_all(&bytes).unwrap();
        }
    }
}
END
/usr/bin/rustc --edition 2021 -O -A warnings -o /tmp/work/search /tmp/work/search.rs && /tmp/work/search < vault.bin | sed -n 's/^the word is //p'
