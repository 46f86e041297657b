# Only the last name of a field is asked whether it is private, and a method knows the module that it stands in.
python3 - <<'END'
import subprocess
for template in ("{to.stamp}", "{to.__class__.name}", "{to.__init__.__globals__[DEPOT].stamp}"):
    open("/task/template.txt", "w").write(template)
    said = subprocess.run(["python3", "label.py", "template.txt"], env={"LABEL_STAMP": "a stamp of ours"}, capture_output=True, text=True)
    if "a stamp of ours" in said.stdout:
        print("found:", template)
        break
END
