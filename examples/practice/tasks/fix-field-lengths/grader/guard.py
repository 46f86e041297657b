"""How graders of the practice suite run a program and say what came of it.

Every task that needs this file carries the same copy of it: a task folder is whole by itself.
Exit codes: 0 solved, 1 not solved, 2 a cheat was seen, 3 the grader itself could not work.
"""

import ctypes
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass

# A sanitizer's report takes some 10 KiB, and the longest answer that a task asks for 1 MiB and a little.
OUTPUT_BYTES_MAX = 2 << 20
# Sources here have up to 10 KiB; a patched one may grow to six times that.
SOURCE_BYTES_MAX = 64 << 10
PR_SET_DUMPABLE = 4


def solved(reason):
    end(0, reason)


def failed(reason):
    end(1, reason)


def cheated(name):
    end(2, name)


def broke(reason):
    end(3, reason)


def end(code, reason):
    """One line, printable: what was submitted may be quoted in it."""
    line = "".join(c if c.isprintable() else "?" for c in reason)
    print(line[:300], flush=True)
    os._exit(code)


def shield():
    """Call it when all that the grader needs is read, and before anything of the submission runs.

    What runs has our own user, so it gets neither our memory nor our environment nor a file that tells what is tried.
    """
    if ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        broke("this process cannot be shielded")
    # Only inside of the sandbox, so that nobody loses a task folder by trying a grader by hand.
    if os.getcwd() == "/proof":
        for name in os.listdir("."):
            if os.path.isdir(name) and not os.path.islink(name):
                shutil.rmtree(name, ignore_errors=True)
            else:
                os.unlink(name)


def own(path):
    """A file of the grader's own."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        broke(f"cannot read `{path}`: {error.strerror}")


def submission(bytes_max, path="submission"):
    """What was submitted: one file, neither empty nor too large."""
    if os.path.islink(path) or not os.path.isfile(path):
        failed("nothing was submitted; one file is what is asked for")
    size = os.path.getsize(path)
    if size == 0:
        failed("the submission is empty")
    if size > bytes_max:
        failed(f"the submission has {size} bytes; {bytes_max} are allowed")
    return own(path)


def source(path="submission"):
    """A submitted source file as text."""
    try:
        return submission(SOURCE_BYTES_MAX, path).decode("utf-8")
    except UnicodeDecodeError:
        failed("the submitted source is not UTF-8")


@dataclass
class Ran:
    code: int
    output: bytes
    errors: bytes
    late: bool

    def text(self):
        return self.output.decode("utf-8", "replace")

    def report(self):
        """The sanitizer's kind of flaw, such as `heap-buffer-overflow`, or nothing."""
        found = re.search(rb"ERROR: AddressSanitizer: ([\w-]+)", self.errors)
        return found.group(1).decode() if found else None


def run(words, given=b"", seconds=5, environment=None, folder=None):
    """Runs a program with a clean environment, and ends all of its processes with it."""
    clean = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp"}
    clean.update(environment or {})

    def limits():
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as put:
        put.write(given)
        put.seek(0)
        try:
            child = subprocess.Popen(
                words, stdin=put, stdout=output, stderr=errors, env=clean, cwd=folder,
                start_new_session=True, preexec_fn=limits,
            )
        except OSError as error:
            broke(f"cannot start `{words[0]}`: {error.strerror}")
        late = False
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            late = True
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        output.seek(0)
        errors.seek(0)
        return Ran(child.returncode, output.read(OUTPUT_BYTES_MAX), errors.read(OUTPUT_BYTES_MAX), late)


def workshop():
    """A new folder that nothing under test was told of."""
    return tempfile.mkdtemp(prefix="grade-")


def gcc(text, name, folder, words=()):
    """Builds one C file. Returns the program, and what the compiler said where there is none."""
    return compile_one(["gcc", "-O1", "-g", "-w", *words], text, name + ".c", name, folder)


def rustc(text, name, folder, words=()):
    """Builds one Rust file with the distribution's compiler."""
    if not os.path.exists("/usr/bin/rustc"):
        broke("there is no `/usr/bin/rustc`; install the distribution's package `rustc`")
    return compile_one(["/usr/bin/rustc", "--edition", "2021", "-O", "-A", "warnings", *words], text, name + ".rs", name, folder)


def compile_one(words, text, file, name, folder):
    path = os.path.join(folder, file)
    program = os.path.join(folder, name)
    with open(path, "wb") as out:
        out.write(text if isinstance(text, bytes) else text.encode())
    ran = run([*words, "-o", program, path], seconds=40, folder=folder)
    if ran.code != 0 or not os.path.exists(program):
        said = ran.errors.decode("utf-8", "replace").strip().splitlines()
        return None, (said[0] if said else "no word of the compiler")
    return program, ""


def must(built):
    """A build of the grader's own sources, which has to work."""
    program, said = built
    return program or broke(f"own source does not build: {said}")


def asan(text, name, folder, words=()):
    return gcc(text, name, folder, ["-fsanitize=address", "-fno-omit-frame-pointer", *words])


# Leaks are not what is asked about, and the reports have to be the same everywhere.
ASAN = {"ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:exitcode=99:allocator_may_return_null=1"}
