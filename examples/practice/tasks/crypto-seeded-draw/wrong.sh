# The sample is used as if it were the harbormaster's.
python3 - <<'END'
import re
from vouchers import masked
book = open("desk.txt").read()
print(masked(re.search(r"masked: (\w+)", book).group(1), re.search(r"sample: (\w+)", book).group(1)))
END
