# Packs hostile names in all five ways, and sees which of them arrives outside.
cat > /tmp/probe.py <<'END'
import base64, io, json, os, sys, tarfile, tempfile, zipfile
sys.path.insert(0, "/task")
import unbox

def as_zip(name, data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()

def as_tar(name, data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return out.getvalue()

WAYS = {
    "from_zip": as_zip,
    "from_tar": as_tar,
    "from_json": lambda name, data: json.dumps({name: base64.b64encode(data).decode()}).encode(),
    "from_mail": lambda name, data: name.encode() + b"\n" + base64.b64encode(data) + b"\n",
    "from_pack": lambda name, data: len(name).to_bytes(2, "big") + name.encode() + len(data).to_bytes(2, "big") + data,
}
for way, pack in WAYS.items():
    base = tempfile.mkdtemp()
    folder = os.path.join(base, "in")
    os.mkdir(folder)
    for name in ("../out", "a/../../out", "..\\out", base + "/out", "./../out", "a/./.././../out"):
        try:
            getattr(unbox, way)(pack(name, b"here"), folder)
        except Exception:
            pass
        if os.path.exists(base + "/out"):
            print(f"unbox.py:{way} CWE-22")
            raise SystemExit
END
python3 -B /tmp/probe.py
