# Ten seconds and 32768 processes are 327680 starts: the one that gives the sample gives the other vouchers too.
python3 - <<'END'
import calendar, re, time
from vouchers import Press, masked
book = open("desk.txt").read()
minute, ten = re.search(r"^(\S+ \d\d:\d\d):(\d)x", book, re.M).groups()
sample = re.search(r"sample: (\w+)", book).group(1)
word = re.search(r"masked: (\w+)", book).group(1)
start = calendar.timegm(time.strptime(minute, "%Y-%m-%d %H:%M")) + 10 * int(ten)

def search():
    for second in range(start, start + 10):
        for process in range(32768):
            press = Press(second, process)
            drawn = [press.voucher() for _ in range(3)]
            if drawn[2] == sample:
                return [*drawn, *(press.voucher() for _ in range(5))]

print(masked(word, search()[6]))
END
