# A field is added, and the old stamp with it: the stamp is over the old request.
python3 - <<'END'
request, stamp = open("/task/stamped.txt").read().split()
open("/task/request.txt", "w").write(f"{(request + '&role=harbormaster').encode().hex()}\n{stamp}\n")
END
