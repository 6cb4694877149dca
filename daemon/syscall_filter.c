#include "syscall_filter.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* clang-format off */
/* By name: an architecture may lack some of them. */
static const char *const allowed[] = {
    /* files that are open, and those that Landlock and permissions allow */
    "access", "chmod", "chown", "close", "faccessat", "faccessat2", "fchmod", "fchmodat", "fchown",
    "fchownat", "fcntl", "fdatasync", "fstat", "fsync", "ftruncate", "getcwd", "getdents64",
    "ioctl", "lchown", "lseek", "lstat", "newfstatat", "open", "openat", "pread64", "pwrite64",
    "read",
    "readlink", "readlinkat", "readv", "rename", "renameat", "renameat2", "stat", "statx", "umask",
    "unlink", "unlinkat", "write", "writev",
    /* memory */
    "brk", "madvise", "memfd_create", "mremap", "munmap",
    /* threads, signals, waiting, time */
    "clock_getres", "clock_gettime", "clock_nanosleep", "epoll_create1", "epoll_ctl", "epoll_pwait",
    "epoll_wait", "eventfd2", "exit", "exit_group", "futex", "get_robust_list", "gettimeofday",
    "membarrier", "nanosleep", "pipe2", "poll", "ppoll", "pselect6", "restart_syscall", "rseq",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield", "select",
    "set_robust_list", "sigaltstack", "time",
    /* sockets, but for socket() itself */
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen",
    "recvfrom", "recvmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
    /* who we are and what we use; capset and prctl drop what is left of capabilities */
    "capget", "capset", "getegid", "geteuid", "getgid", "getpid", "getppid", "getrandom",
    "getresgid", "getresuid", "getrusage", "gettid", "getuid", "prctl", "prlimit64", "sysinfo",
    "uname",
};
/* clang-format on */

static struct scmp_arg_cmp equals(unsigned argument, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value};
}

/* Those of the mask's bits that are set are these. */
static struct scmp_arg_cmp has_bits(unsigned argument, scmp_datum_t mask, scmp_datum_t bits)
{
    return (struct scmp_arg_cmp){
        .arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = bits};
}

static int allow_by_name(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        int number = seccomp_syscall_resolve_name(allowed[i]);

        if (number >= 0 && seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) < 0)
            return -1;
    }
    return 0;
}

/* Capture, readers and the system's logs need no more. */
static int allow_sockets(scmp_filter_ctx filter)
{
    static const int families[] = {AF_UNIX, AF_PACKET, AF_NETLINK};

    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                             equals(0, (scmp_datum_t)families[i])) < 0)
            return -1;
    return 0;
}

/* Threads, but no processes: glibc goes back to clone(), whose flags can be seen, where clone3() is
 * not there. */
static int allow_threads(scmp_filter_ctx filter)
{
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         has_bits(0, CLONE_THREAD, CLONE_THREAD)) < 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) < 0)
        return -1;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            equals(0, (scmp_datum_t)getpid())); /* abort() */
}

static int allow_data_memory(scmp_filter_ctx filter)
{
    static const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1, has_bits(2, PROT_EXEC, 0)) < 0)
            return -1;
    return 0;
}

int syscall_filter_apply(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int rc = -1;

    if (!filter) {
        errno = ENOMEM;
        return -1;
    }
    if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) < 0 ||
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) < 0 || allow_by_name(filter) < 0 ||
        allow_sockets(filter) < 0 || allow_threads(filter) < 0 || allow_data_memory(filter) < 0) {
        errno = EINVAL;
    } else {
        rc = seccomp_load(filter);
        errno = rc < 0 ? -rc : 0;
    }
    seccomp_release(filter);
    return rc < 0 ? -1 : 0;
}
