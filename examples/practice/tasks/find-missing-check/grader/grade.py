"""Which act lost its check was kept when the task was prepared."""

from where import judge

with open("prepared/flawed", encoding="utf-8") as file:
    flawed = file.read().strip()
WEAKNESSES = {"CWE-862", "CWE-639", "CWE-284", "CWE-285", "CWE-863", "CWE-566"}
judge("desk.py", f"def {flawed}(", WEAKNESSES, pristine="prepared/desk-as-given.py")
