"""How graders of the practice suite run a program and say what came of it.

Every task that needs this file carries the same copy of it: a task folder is whole by itself.
Exit codes: 0 solved, 1 not solved, 2 a cheat was seen, 3 the grader itself could not work.
"""

import ctypes
import os
import platform
import re
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass

# A sanitizer's report takes some 10 KiB, and the longest answer that a task asks for 1 MiB and a little.
OUTPUT_BYTES_MAX = 2 << 20
# Sources here have up to 10 KiB; a patched one may grow to six times that.
SOURCE_BYTES_MAX = 64 << 10
# An interpreter takes some 30 MiB of addresses, a program of ours less; `gcc` some 200, `rustc` ten times that.
MEMORY_BYTES_MAX = 256 << 20
COMPILER_BYTES_MAX = 4 << 30
# All programs of a grading together. Tasks give their graders 120 seconds: what is slow is not solved, and breaks nothing.
SECONDS_MAX = 90
# The sandbox has room for 128; what is left is the grader's.
PROCESSES_MAX = 48
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 4, 38, 22


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


BEGUN = time.monotonic()
LIBRARY = ctypes.CDLL(None, use_errno=True)


def is_inside():
    """Whether this is the sandbox: outside, nobody shall lose a task folder or a program by trying a grader by hand."""
    return os.getcwd() == "/proof"


def shield():
    """Call it when all that the grader needs is read, and before anything of the submission runs.

    What runs has our own user, so it gets neither our memory nor our environment nor a file that tells what is tried.
    """
    if LIBRARY.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        broke("this process cannot be shielded")
    if is_inside():
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


def run(words, given=b"", seconds=5, environment=None, folder=None, memory=MEMORY_BYTES_MAX):
    """Runs a program with a clean environment and bounds, out of reach of this process, and ends all of its processes."""
    left = BEGUN + SECONDS_MAX - time.monotonic()
    if left <= 0:
        failed(f"the programs of this grading took more than {SECONDS_MAX} seconds")
    clean = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp"}
    clean.update(environment or {})
    rules = fence(os.getpid())
    # Asked here: the child may be in another folder by the time that its bounds are set.
    is_counted = is_inside()

    def bounds():
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        if is_counted:
            resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES_MAX, PROCESSES_MAX))
        rules()

    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as put:
        put.write(given)
        put.seek(0)
        try:
            child = subprocess.Popen(
                words, stdin=put, stdout=output, stderr=errors, env=clean, cwd=folder,
                start_new_session=True, preexec_fn=bounds,
            )
        except (OSError, subprocess.SubprocessError) as error:
            broke(f"cannot start `{words[0]}`: {error}")
        late = False
        try:
            child.wait(min(seconds, left))
        except subprocess.TimeoutExpired:
            late = True
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
        sweep()
        output.seek(0)
        errors.seek(0)
        return Ran(child.returncode, output.read(OUTPUT_BYTES_MAX), errors.read(OUTPUT_BYTES_MAX), late)


def sweep():
    """Ends what a program left behind in a session of its own. Inside, there is nobody else."""
    spared = {1, os.getpid(), os.getppid()}
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()] if is_inside() else []
    for pid in pids:
        if pid not in spared:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass


# Calls by their numbers: those that no program under test has a use for, and those that may not name the grader.
CALLS = {
    # ptrace, process_vm_writev, pidfd_open, pidfd_send_signal, rt_sigqueueinfo, rt_tgsigqueueinfo, tkill; kill, tgkill, prlimit64
    "x86_64": (0xC000003E, (101, 311, 434, 424, 129, 297, 200), (62, 234, 302)),
    "aarch64": (0xC00000B7, (117, 271, 434, 424, 138, 240, 130), (129, 131, 261)),
}


def fence(grader):
    """A filter of system calls: who runs behind it cannot stop, end or change the process `grader`."""
    machine = CALLS.get(platform.machine())
    if machine is None:
        return lambda: None
    architecture, never, aimed = machine
    load, same, least, end = 0x20, 0x15, 0x35, 0x06
    allow, deny = (end, 0, 0, 0x7FFF0000), (end, 0, 0, 0x00050001)
    rules = [(load, 0, 0, 4), (same, 1, 0, architecture), deny, (load, 0, 0, 0)]
    for number in never:
        rules += [(same, 0, 1, number), deny]
    for number in aimed:
        # The first argument is a process; a negative one is a group, or everybody.
        rules += [(same, 0, 5, number), (load, 0, 0, 16), (same, 2, 0, grader), (least, 1, 0, 0x80000000), allow, deny]
    rules.append(allow)
    code = b"".join(struct.pack("HBBI", *rule) for rule in rules)
    held = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(held)))

    def apply():
        # `held` is named here so that it lives as long as the filter may be set.
        if not held or LIBRARY.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or LIBRARY.prctl(PR_SET_SECCOMP, 2, program, 0, 0):
            raise OSError(ctypes.get_errno(), "no fence")

    return apply


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
    ran = run([*words, "-o", program, path], seconds=40, folder=folder, memory=COMPILER_BYTES_MAX)
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
ASAN = "detect_leaks=0:abort_on_error=0:exitcode=99:allocator_may_return_null=1:max_allocation_size_mb=256:hard_rss_limit_mb=768"


def run_asan(program, given=b"", seconds=5):
    """Runs a program with AddressSanitizer, which takes terabytes of addresses and counts memory itself."""
    return run([program], given, seconds, {"ASAN_OPTIONS": ASAN}, memory=None)
