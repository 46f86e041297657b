/* Attempts to get out of the sandbox, one to a word of the command line.
 *
 * Each attempt prints a line, `refused: what` or `GOT OUT: what`; a bound that holds prints what it came to. Nothing
 * here harms the machine it runs on where an attempt does succeed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void said(const char *what, int got_out) {
    printf("%s: %s\n", got_out ? "GOT OUT" : "refused", what);
    fflush(stdout);
}

static void opens(const char *path, int flags) {
    int file = open(path, flags);
    said(path, file >= 0);
    if (file >= 0) close(file);
}

static int fork_bomb(void) {
    int count = 1;
    for (; count < 4000; count++) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) for (;;) pause();
    }
    printf("processes: %d\n", count);
    return 0;
}

static int disk_filler(void) {
    static char block[1 << 20];
    memset(block, 'x', sizeof block);
    long written = 0;
    for (int number = 0; number < 1000; number++) {
        char name[32];
        snprintf(name, sizeof name, "/tmp/%d", number);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        if (file < 0) break;
        ssize_t length = write(file, block, sizeof block);
        close(file);
        if (length <= 0) break;
        written += length;
    }
    printf("MiB written: %ld\n", written >> 20);
    return 0;
}

static int file_grower(void) {
    int file = open("/tmp/long", O_CREAT | O_WRONLY, 0600);
    signal(SIGXFSZ, SIG_IGN);
    said("a file longer than its bound", ftruncate(file, 1L << 40) == 0);
    return 0;
}

static int memory_hog(void) {
    for (long size = 0; size < (8L << 30); size += 1 << 20) {
        char *piece = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED) return 3;
        memset(piece, 1, 1 << 20);
    }
    said("eight GiB of memory", 1);
    return 0;
}

/* The same, spread over processes each of which has little. */
static int memory_hogs(void) {
    for (int number = 0; number < 64; number++) {
        if (fork() == 0) {
            volatile char *piece = malloc(32 << 20);
            for (long at = 0; at < 32 << 20; at += 4096) piece[at] = 1;
            for (;;) pause();
        }
    }
    int ended = 0;
    for (int at = 0; at < 20 && !ended; at++) {
        usleep(100000);
        while (waitpid(-1, NULL, WNOHANG) > 0) ended++;
    }
    said("two GiB of memory in 64 processes", !ended);
    return 0;
}

static int network(const char *port, const char *name) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    for (int which = 0; which < 2; which++) {
        address.sin_addr.s_addr = inet_addr(which ? "192.0.2.1" : "127.0.0.1");
        int stream = socket(AF_INET, SOCK_STREAM, 0);
        said(which ? "a host elsewhere" : "the loopback outside",
             stream >= 0 && connect(stream, (struct sockaddr *)&address, sizeof address) == 0);
        int packets = socket(AF_INET, SOCK_DGRAM, 0);
        said(which ? "a packet elsewhere" : "a packet to the loopback outside",
             packets >= 0 && sendto(packets, "x", 1, 0, (struct sockaddr *)&address, sizeof address) == 1);
    }
    struct sockaddr_un abstract = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    memcpy(abstract.sun_path + 1, name, length);
    int stream = socket(AF_UNIX, SOCK_STREAM, 0);
    said("an abstract socket outside",
         connect(stream, (struct sockaddr *)&abstract, offsetof(struct sockaddr_un, sun_path) + 1 + length) == 0);
    said("a vsock", socket(AF_VSOCK, SOCK_STREAM, 0) >= 0);
    said("a packet socket", socket(AF_PACKET, SOCK_RAW, 0) >= 0);
    said("a netlink socket", socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
    said("a raw socket", socket(AF_INET, SOCK_RAW, 1) >= 0);
    return 0;
}

static int trace(void) {
    said("ptrace of process 1", ptrace(PTRACE_ATTACH, 1, 0, 0) == 0);
    said("ptrace by a parent", ptrace(PTRACE_TRACEME, 0, 0, 0) == 0);
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
    said("memory of process 1 by process_vm_readv", process_vm_readv(1, &here, 1, &there, 1, 0) == 1);
    opens("/proc/1/mem", O_RDONLY);
    opens("/proc/1/environ", O_RDONLY);
    opens("/proc/1/fd/1", O_WRONLY);
    said("a descriptor of process 1", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, 1, 0), 1, 0) >= 0);
    return 0;
}

static int child(void *nothing) {
    (void)nothing;
    return 0;
}

static int mounts(void) {
    static char stack[65536];
    mkdir("/tmp/m", 0700);
    said("mount", mount("none", "/tmp/m", "tmpfs", 0, "") == 0);
    said("a remount of /usr", mount("none", "/usr", NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
    said("an unmount of /usr", umount2("/usr", MNT_DETACH) == 0);
    said("fsopen", syscall(SYS_fsopen, "tmpfs", 0) >= 0);
    said("open_tree", syscall(SYS_open_tree, -100, "/", 1) >= 0);
    said("chroot", chroot("/tmp") == 0);
    said("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp") == 0);
    said("a user namespace by unshare", unshare(CLONE_NEWUSER) == 0);
    said("a mount namespace by unshare", unshare(CLONE_NEWNS) == 0);
    said("a user namespace by clone", clone(child, stack + sizeof stack, CLONE_NEWUSER | SIGCHLD, NULL) > 0);
    struct { unsigned long all[11]; } wish = {{CLONE_NEWUSER, 0, 0, 0, SIGCHLD}};
    long made = syscall(SYS_clone3, &wish, sizeof wish);
    if (made == 0) _exit(0);
    said("a user namespace by clone3", made > 0);
    int space = open("/proc/1/ns/mnt", O_RDONLY);
    said("the mount namespace of process 1", space >= 0 && setns(space, 0) == 0);
    said("a file by its handle", syscall(SYS_open_by_handle_at, -100, &wish, 0) >= 0);
    return 0;
}

static int files(const char *secret) {
    static const char *readable[] = {"/proc/kcore", "/proc/kallsyms", "/proc/kmsg", "/proc/keys", "/proc/1/root/etc",
        "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/bus", "/proc/irq", "/proc/fs", "/proc/acpi",
        "/sys", "/sys/kernel", "/sys/fs/cgroup", "/dev/kmsg", "/dev/mem", "/dev/kvm", "/dev/vda", "/dev/sda",
        "/dev/console", "/dev/ptmx", "/etc/shadow", "/root", "/home", "/run/docker.sock", "/var/lib"};
    static const char *writable[] = {"/usr/bin/env", "/usr/lib", "/etc/alternatives/x", "/etc/ld.so.cache",
        "/proc/sys/vm/overcommit_memory"};
    opens(secret, O_RDONLY);
    for (size_t at = 0; at < sizeof readable / sizeof *readable; at++) opens(readable[at], O_RDONLY);
    for (size_t at = 0; at < sizeof writable / sizeof *writable; at++) opens(writable[at], O_WRONLY);
    int map = open("/proc/self/uid_map", O_WRONLY);
    said("another user map", map >= 0 && write(map, "0 0 1", 5) == 5);
    int score = open("/proc/self/oom_score_adj", O_WRONLY);
    said("a lower score for when memory is short", score >= 0 && write(score, "-1000", 5) == 5);
    said("a block device made here", mknod("/tmp/disk", S_IFBLK | 0600, makedev(8, 0)) == 0);
    said("a character device made here", mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)) == 0);
    return 0;
}

static int privileges(void) {
    uid_t before = geteuid();
    said("root by setuid", setuid(0) == 0 && geteuid() == 0);
    said("another group", setgid(0) == 0);
    said("more groups", setgroups(0, NULL) == 0 && 0);
    int status = 0;
    if (fork() == 0) {
        execl("/usr/bin/su", "su", "-c", "true", NULL);
        _exit(1);
    }
    wait(&status);
    said("root by su", WIFEXITED(status) && WEXITSTATUS(status) == 0);
    FILE *all = fopen("/proc/self/status", "r");
    char line[256];
    while (fgets(line, sizeof line, all))
        if (!strncmp(line, "CapEff:", 7) || !strncmp(line, "CapPrm:", 7))
            said("capabilities", strtoull(line + 7, NULL, 16) != 0);
    said("another user", geteuid() != before);
    said("real-time priority", syscall(SYS_sched_setscheduler, 0, 1, &(int){1}) == 0);
    return 0;
}

static int kernel(void) {
    static char room[4096];
    said("bpf", syscall(SYS_bpf, 5, room, 64) >= 0);
    said("io_uring", syscall(SYS_io_uring_setup, 1, room) >= 0);
    said("perf_event_open", syscall(SYS_perf_event_open, room, 0, -1, -1, 0) >= 0);
    said("userfaultfd", syscall(SYS_userfaultfd, 0) >= 0);
    said("add_key", syscall(SYS_add_key, "user", "x", "x", 1, -3) >= 0);
    said("keyctl", syscall(SYS_keyctl, 0, -3, 1) >= 0);
    said("init_module", syscall(SYS_init_module, room, 1, "") == 0);
    said("kexec_load", syscall(SYS_kexec_load, 0, 0, 0, 0) == 0);
    said("swapon", syscall(SYS_swapon, "/tmp/x", 0) == 0);
    said("sethostname", sethostname("x", 1) == 0);
    said("the kernel's log", syscall(SYS_syslog, 3, room, 100) >= 0);
    said("the clock", syscall(SYS_clock_settime, 0, &(long[2]){0, 0}) == 0);
    said("fanotify", syscall(SYS_fanotify_init, 0, 0) >= 0);
    said("acct", syscall(SYS_acct, "/tmp/x") == 0);
    return 0;
}

static int signals(const char *outside) {
    said("a signal to process 1", kill(1, SIGKILL) == 0 && 0);
    said("a signal to whoever tests", kill(atoi(outside), SIGTERM) == 0);
    kill(-1, SIGKILL);
    kill(getppid(), SIGSTOP);
    printf("still here\n");
    return 0;
}

static int links(void) {
    symlink("/etc/shadow", "/proof/shadow");
    symlink("../../../../../../etc/passwd", "/proof/up");
    symlink("/proc/1/root", "/proof/root");
    mkfifo("/proof/pipe", 0600);
    mkdir("/proof/folder", 0700);
    symlink("/", "/proof/folder/all");
    unlink("/etc/hosts");
    FILE *file = fopen("/proof/\033[31mred", "w");
    fputs("x", file);
    fclose(file);
    return 0;
}

static int deep(void) {
    for (int at = 0; at < 2000; at++) {
        if (mkdir("d", 0700) || chdir("d")) break;
    }
    chdir("/tmp");
    char name[32];
    for (int at = 0; at < 12000; at++) {
        snprintf(name, sizeof name, "f%d", at);
        close(open(name, O_CREAT | O_WRONLY, 0600));
    }
    return 0;
}

static int daemonize(const char *mark) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            for (int at = 0; at < 3; at++) close(at);
            for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
            execl("/proc/self/exe", mark, "sleep", mark, NULL);
        }
        _exit(0);
    }
    usleep(200000);
    return 0;
}

static int stubborn(void) {
    for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
    for (int at = 0; at < 3; at++) fork();
    setsid();
    for (;;) pause();
    return 0;
}

static int terminal(void) {
    printf("\033]0;owned\007\033[2J\033[31mred\033[0m \033]52;c;ZXZpbA==\033\\\x9b\n");
    fflush(stdout);
    char letter = 'x';
    said("a letter typed for the user", ioctl(0, TIOCSTI, &letter) == 0);
    said("a terminal", open("/dev/tty", O_RDWR) >= 0);
    return 0;
}

static int flood(void) {
    static char block[1 << 16];
    memset(block, 'y', sizeof block);
    for (int at = 0; at < 1 << 14; at++)
        if (write(1, block, sizeof block) < 0) return 1;
    return 0;
}

static int inheritance(void) {
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *one;
    int count = 0;
    while ((one = readdir(folder)))
        if (one->d_name[0] != '.' && atoi(one->d_name) != dirfd(folder)) count++;
    said("a file that is open besides the three", count > 3);
    for (char **at = environ; *at; at++)
        if (strncmp(*at, "PATH=", 5) && strncmp(*at, "HOME=", 5) && strncmp(*at, "LANG=", 5)) said(*at, 1);
    said("a terminal of its own", getsid(0) > 1 && ttyname(0));
    return 0;
}

int main(int count, char **words) {
    const char *what = count > 1 ? words[1] : "";
    const char *more = count > 2 ? words[2] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(what, "fork_bomb")) return fork_bomb();
    if (!strcmp(what, "disk_filler")) return disk_filler();
    if (!strcmp(what, "file_grower")) return file_grower();
    if (!strcmp(what, "memory_hog")) return memory_hog();
    if (!strcmp(what, "memory_hogs")) return memory_hogs();
    if (!strcmp(what, "network")) return network(more, words[3]);
    if (!strcmp(what, "trace")) return trace();
    if (!strcmp(what, "mounts")) return mounts();
    if (!strcmp(what, "files")) return files(more);
    if (!strcmp(what, "privileges")) return privileges();
    if (!strcmp(what, "kernel")) return kernel();
    if (!strcmp(what, "signals")) return signals(more);
    if (!strcmp(what, "links")) return links();
    if (!strcmp(what, "deep")) return deep();
    if (!strcmp(what, "daemonize")) return daemonize(more);
    if (!strcmp(what, "stubborn")) return stubborn();
    if (!strcmp(what, "terminal")) return terminal();
    if (!strcmp(what, "flood")) return flood();
    if (!strcmp(what, "inheritance")) return inheritance();
    if (!strcmp(what, "sleep")) for (;;) pause();
    return 64;
}
