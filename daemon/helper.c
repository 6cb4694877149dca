#include "helper.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "privileges.h"

/* A sanitizer reserves more addresses than any machine has memory. */
#ifdef __SANITIZE_ADDRESS__
enum { MEMORY_BOUNDED = 0 };
#else
enum { MEMORY_BOUNDED = 1 };
#endif

enum { SOCKET = STDERR_FILENO + 1, NICEST = 19, GRACE_S = 60, WORDS_MAX = 256 };

struct helper {
    const struct helper_config *config;
    pid_t training; /* 0: none */
    int pidfd;      /* of it; -1: none */
    int64_t until_ns;
};

/* What cannot be had is no reason not to train. */
static void step_back(const struct helper_config *config)
{
    const struct rlimit memory = {config->memory, config->memory};
    const struct rlimit no_core = {0, 0};

    sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0});
    setpriority(PRIO_PROCESS, 0, NICEST);
    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
    if (MEMORY_BOUNDED)
        setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_CORE, &no_core);
}

/* The program again, with the task's words before the others. */
__attribute__((noreturn)) static void run_program(const struct helper_config *config,
                                                  const struct helper_request *request)
{
    const char *words[WORDS_MAX + 1] = {"da3dd", "--quiet"};
    char *changeable[WORDS_MAX + 1]; /* as execv() wants them, which changes none */
    size_t n = 2;

    if (request->task == HELPER_RETRAIN)
        words[n++] = "--retrain";
    if (request->task == HELPER_ROLLBACK)
        words[n++] = "--rollback";
    if (request->task == HELPER_PROMOTE) {
        words[n++] = "--promote";
        words[n++] = request->name;
    }
    for (size_t i = 0; config->words[i] && n < WORDS_MAX; i++)
        words[n++] = config->words[i];
    memcpy(changeable, words, sizeof words);
    execv("/proc/self/exe", changeable);
    _exit(EXIT_FAILURE);
}

/* Ends with the helper, whatever ends that. */
static pid_t start(const struct helper_config *config, const struct helper_request *request)
{
    const pid_t helper = getpid();
    const pid_t pid = fork();

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    close(SOCKET);
    if (getppid() != helper)
        _exit(EXIT_FAILURE);
    if (request->task == HELPER_RETRAIN)
        step_back(config);
    run_program(config, request);
}

static void answer(enum helper_task task, int status)
{
    const struct helper_answer answer = {task, status};

    if (send(SOCKET, &answer, sizeof answer, MSG_NOSIGNAL) < 0)
        _exit(EXIT_SUCCESS); /* the service is gone, and what runs ends with this process */
}

/* Waits for the end of a program. A pid of -1 is that of one that could not be started. */
static int end_of(pid_t pid)
{
    int status = EXIT_FAILURE << 8;

    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void end_training(struct helper *helper)
{
    const int status = end_of(helper->training);

    close(helper->pidfd);
    helper->training = 0;
    helper->pidfd = -1;
    answer(HELPER_RETRAIN, status);
}

static void start_training(struct helper *helper, const struct helper_request *request)
{
    helper->training = start(helper->config, request);
    if (helper->training > 0)
        helper->pidfd = pidfd_open(helper->training, 0);
    helper->until_ns = steady_ns() + (int64_t)(helper->config->time_s + GRACE_S) * NANOS_PER_SECOND;
    if (helper->pidfd < 0)
        end_training(helper);
}

static void take_request(struct helper *helper)
{
    struct helper_request request;

    if (recv(SOCKET, &request, sizeof request, 0) != sizeof request)
        _exit(EXIT_SUCCESS); /* the service is gone */
    request.name[sizeof request.name - 1] = '\0';
    if (request.task != HELPER_RETRAIN)
        answer(request.task, end_of(start(helper->config, &request)));
    else if (helper->training == 0)
        start_training(helper, &request);
}

/* A training minds its time itself: it is killed if it hangs. */
__attribute__((noreturn)) static void serve(const struct helper_config *config)
{
    enum { LOOK_MS = 10000 };
    struct helper helper = {.config = config, .pidfd = -1};

    for (;;) {
        struct pollfd fds[] = {{.fd = SOCKET, .events = POLLIN},
                               {.fd = helper.pidfd, .events = POLLIN}};

        if (poll(fds, 2, helper.training ? LOOK_MS : -1) < 0 && errno != EINTR)
            _exit(EXIT_FAILURE);
        if (fds[0].revents)
            take_request(&helper);
        if (helper.training > 0 && steady_ns() > helper.until_ns)
            kill(helper.training, SIGKILL);
        if (fds[1].revents)
            end_training(&helper);
    }
}

/* Of the service's it keeps the standard streams alone. The service decides when it ends, not what
 * ends that. */
__attribute__((noreturn)) static void become_helper(const struct helper_config *config, int fd)
{
    struct da3d_error error;

    prctl(PR_SET_NAME, "da3dd-helper");
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    if (dup2(fd, SOCKET) < 0 || close_range(SOCKET + 1, ~0U, 0) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || privileges_drop_all(&error) < 0)
        _exit(EXIT_FAILURE);
    serve(config);
}

int helper_start(const struct helper_config *config, struct da3d_error *error)
{
    int fds[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return da3d_fail(error, "%s", strerror(errno));
    pid = fork();
    if (pid == 0)
        become_helper(config, fds[1]);
    if (pid < 0)
        da3d_fail(error, "%s", strerror(errno));
    close(fds[1]);
    if (pid > 0)
        return fds[0];
    close(fds[0]);
    return -1;
}
