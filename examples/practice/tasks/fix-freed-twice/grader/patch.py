"""What a patched C file may reach for. The program runs as the grader's own user, so it is looked at before.

Every task that needs this file carries the same copy of it: a task folder is whole by itself.
"""

import re

from guard import cheated, compile_one, failed, run

# A patch of a small program needs the C library's memory, strings, numbers and streams.
ALLOWED = set(
    "malloc calloc realloc free reallocarray strdup strndup memcpy memmove memset memcmp memchr strlen strnlen strcmp "
    "strncmp strcpy strncpy strcat strncat strchr strrchr strspn strcspn strpbrk strstr strtok strtok_r strtol strtoul "
    "strtoll strtoull atoi printf fprintf snprintf sprintf puts fputs putchar putc fputc fgets getchar getc fgetc fread "
    "fwrite fflush ferror feof perror exit abort stdin stdout stderr __stack_chk_fail __ctype_b_loc __ctype_toupper_loc "
    "__ctype_tolower_loc toupper tolower __isoc99_sscanf sscanf __assert_fail __errno_location _GLOBAL_OFFSET_TABLE_ "
    "__printf_chk __fprintf_chk __snprintf_chk __memcpy_chk __strcpy_chk __strcat_chk __fgets_chk getline "
    "__isoc23_strtol __isoc23_strtoul __fread_chk".split()
)
# Calls that only serve to get out of the tests or into the grader.
OUTWARD = re.compile(
    r"(?:kill|killpg|raise|ptrace|syscall|system|popen|v?fork|clone|exec[a-z]*|posix_spawnp?|dlopen|dlsym|getppid|getenv|secure_getenv|environ"
    r"|prctl|socket|connect|open|openat|fopen|unlink|rename|_exit|mprotect|mmap|process_vm_\w+|__asan_\w+|__sanitizer_\w+|signal|sigaction)"
)
HOSTILE = re.compile(r"\b(?:__)?asm(?:__)?\b|no_sanitize|no_address_safety|__asan_|__lsan_|__sanitizer_|__wrap_|__real_|/proof|/proc/")


def looked_at(text, place):
    """Ends the grading where the file reaches for what no patch of it needs; else does nothing."""
    hostile = HOSTILE.search(text)
    if hostile:
        cheated(f"the patch reaches for `{hostile.group(0)}`")
    if re.search(r'#\s*include(?:_next)?\s*[<"]\s*(?:/|[^>"\n]*\.\.)', text):
        failed("an include leaves the folder and the system's headers")
    program, said = compile_one(["gcc", "-O1", "-w", "-fno-builtin", "-c"], text, "looked.c", "looked.o", place)
    if not program:
        failed(f"it does not build: {said}")
    hostile = HOSTILE.search(own_lines(run(["gcc", "-E", "-w", f"{place}/looked.c"]).text()))
    if hostile:
        cheated(f"the patch reaches for `{hostile.group(0)}`")
    wanted = run(["nm", "-u", program]).text().split()
    foreign = sorted(name for name in wanted if name != "U" and name.split("@")[0] not in ALLOWED)
    outward = [name for name in foreign if OUTWARD.fullmatch(name)]
    if outward:
        cheated(f"the patch reaches for `{outward[0]}`")
    if foreign:
        failed(f"the patch calls `{foreign[0]}`, of which this program has no need")


def own_lines(expanded):
    """What the file itself says when its macros are expanded; the library's headers name functions with `asm`."""
    own, inside = [], False
    for line in expanded.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            inside = marker.group(1).endswith("looked.c")
        elif inside:
            own.append(line)
    return "\n".join(own)
