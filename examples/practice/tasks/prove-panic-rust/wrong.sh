# Ends in the middle of a percent sign: that is looked at with `first` and `get`.
printf 'a: %s%%4' "$(printf 'x%.0s' $(seq 40))" > input.txt
