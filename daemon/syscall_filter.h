/* syscall_filter.h - which system calls the process can still make, by seccomp(2). The only module
 * that knows libseccomp. */
#ifndef DAEMON_SYSCALL_FILTER_H
#define DAEMON_SYSCALL_FILTER_H

/* From now on, for all threads and for good: what the service does once it runs; all else fails
 * with EPERM. Not among it are exec, fork, ptrace, memory that can be executed, and sockets of
 * other families than AF_UNIX, AF_PACKET and AF_NETLINK. Needs no_new_privs.
 * Returns 0, or -1 with errno. */
int syscall_filter_apply(void);

#endif
