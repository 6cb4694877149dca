/* The filters, tried from inside: a process applies them as the service does and then attempts what
 * an intruder would. In a child, since BLAS's threads are in this process, and for good. */
#include "daemon/privileges.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/da3dd-privileges-XXXXXX"; /* config/ model/ out/ are in it */

/* Each returns 0 or an errno. */
static int open_and_close(const char *path, int flags)
{
    int fd = open(path, flags, 0600);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int open_below(const char *name, int flags)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return open_and_close(path, flags);
}

static int new_socket(int family, int type)
{
    int fd = socket(family, type, 0);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int read_shadow(void)
{
    return open_and_close("/etc/shadow", O_RDONLY);
}

static int read_passwd(void)
{
    return open_and_close("/etc/passwd", O_RDONLY);
}

static int read_passwd_through_proc(void)
{
    return open_and_close("/proc/self/root/etc/passwd", O_RDONLY);
}

static int write_tmp(void)
{
    return open_and_close("/tmp/da3dd-privileges-elsewhere", O_WRONLY | O_CREAT);
}

static int read_model(void)
{
    return open_below("model/model.da3d", O_RDONLY);
}

static int write_model(void)
{
    return open_below("model/model.da3d", O_WRONLY);
}

static int truncate_model(void)
{
    return open_below("model/model.da3d", O_RDONLY | O_TRUNC);
}

static int read_config(void)
{
    return open_below("config/da3dd.yaml", O_RDONLY);
}

static int read_own_status(void)
{
    return open_and_close("/proc/self/statm", O_RDONLY);
}

static int write_output(void)
{
    return open_below("out/events.json", O_WRONLY | O_CREAT | O_TRUNC);
}

static int rotate_output(void)
{
    char from[128], to[128];

    snprintf(from, sizeof from, "%s/out/events.json", folder);
    snprintf(to, sizeof to, "%s/out/rotated.json", folder);
    return rename(from, to) < 0 ? errno : write_output();
}

static int tcp_socket(void)
{
    return new_socket(AF_INET, SOCK_STREAM);
}

static int udp6_socket(void)
{
    return new_socket(AF_INET6, SOCK_DGRAM);
}

static int unix_socket(void)
{
    return new_socket(AF_UNIX, SOCK_STREAM);
}

static int packet_socket(void)
{
    return new_socket(AF_PACKET, SOCK_RAW);
}

static int run_program(void)
{
    char *words[] = {(char[]){"true"}, NULL};

    return execv("/bin/true", words) < 0 ? errno : 0;
}

static int make_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

static int trace_parent(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? errno : 0;
}

static int signal_parent(void)
{
    return kill(getppid(), 0) < 0 ? errno : 0;
}

static int become_root(void)
{
    return setuid(0) < 0 ? errno : 0;
}

static int executable_memory(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return page == MAP_FAILED ? errno : 0;
}

static int make_ring(void)
{
    return syscall(SYS_io_uring_setup, 8, NULL) < 0 ? errno : 0;
}

static void *tcp_socket_of_thread(void *result)
{
    *(int *)result = tcp_socket();
    return NULL;
}

static int tcp_socket_in_a_new_thread(void)
{
    pthread_t thread;
    int result = 0, rc = pthread_create(&thread, NULL, tcp_socket_of_thread, &result);

    if (rc != 0)
        return rc;
    pthread_join(thread, NULL);
    return result;
}

static int packet_socket_without_capabilities(void)
{
    struct da3d_error error;

    return privileges_drop_all(&error) < 0 ? ENOTRECOVERABLE : packet_socket();
}

static const struct attempt {
    const char *what;
    int (*make)(void);
    int expected;
} attempts[] = {
    {"/etc/shadow", read_shadow, EACCES},
    {"/etc/passwd, which all may read", read_passwd, EACCES},
    {"the same by way of /proc/self/root", read_passwd_through_proc, EACCES},
    {"/tmp, where all may write", write_tmp, EACCES},
    {"the model, to read", read_model, 0},
    {"the model, to write", write_model, EACCES},
    {"the model, to empty", truncate_model, EACCES},
    {"the configuration", read_config, 0},
    {"/proc/self/statm", read_own_status, 0},
    {"an output", write_output, 0},
    {"an output that was rotated", rotate_output, 0},
    {"TCP", tcp_socket, EPERM},
    {"UDP over IPv6", udp6_socket, EPERM},
    {"a UNIX socket", unix_socket, 0},
    {"a packet socket", packet_socket, 0},
    {"exec", run_program, EPERM},
    {"fork", make_process, EPERM},
    {"ptrace", trace_parent, EPERM},
    {"kill", signal_parent, EPERM},
    {"setuid", become_root, EPERM},
    {"executable memory", executable_memory, EPERM},
    {"io_uring", make_ring, EPERM},
    {"a thread, and TCP in it", tcp_socket_in_a_new_thread, EPERM},
    {"a packet socket without capabilities", packet_socket_without_capabilities, EPERM},
};
enum { ATTEMPTS = sizeof attempts / sizeof *attempts };

/* What the child finds; shared with it. */
struct findings {
    int become, confine;
    uid_t uid;
    struct da3d_error error;
    struct confinement confinement;
    int result[ATTEMPTS];
};

static void make_file(const char *name)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    cr_assert_not_null(file, "%s", path);
    fclose(file);
}

/* All of them belong to the user: only a filter can refuse. */
static void make_folder(const char *user)
{
    char command[256];

    cr_assert_not_null(mkdtemp(folder));
    snprintf(command, sizeof command, "cd %s && mkdir config model out", folder);
    cr_assert_eq(system(command), 0);
    make_file("config/da3dd.yaml");
    make_file("model/model.da3d");
    snprintf(command, sizeof command, "chown -R %s %s", user, folder);
    cr_assert_eq(system(command), 0);
}

static void remove_folder(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

static char *below(const char *name)
{
    char *path = NULL;

    cr_assert(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}

static void find(struct findings *out, const struct config *config)
{
    char *file = below("config/da3dd.yaml");

    out->become = privileges_become(config->privileges.user, &out->error);
    out->uid = geteuid();
    if (out->become == 0)
        out->confine = privileges_confine(config, file, &out->confinement, &out->error);
    for (size_t i = 0; out->become == 0 && out->confine == 0 && i < ATTEMPTS; i++)
        out->result[i] = attempts[i].make();
    free(file);
}

static struct findings *find_in_child(const struct config *config)
{
    struct findings *findings =
        mmap(NULL, sizeof *findings, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;
    int status;

    cr_assert_neq(findings, MAP_FAILED);
    pid = fork();
    if (pid == 0) {
        find(findings, config);
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
    return findings;
}

static bool can_become_another(void)
{
    return geteuid() == 0 && getpwnam("nobody") && access("/proc/self/setgroups", F_OK) == 0;
}

static void configure(struct config *config)
{
    struct config_output *output;

    cr_assert_eq(config_init(config), 0);
    free(config->privileges.user);
    config->privileges.user = strdup("nobody");
    config->model = below("model/model.da3d");
    output = config_add_output(config, "file");
    output->path = below("out/events.json");
}

static void expect_confined(const struct findings *findings, const char *expected)
{
    char text[CONFINEMENT_TEXT];

    confinement_text(&findings->confinement, text);
    cr_expect_str_eq(text, expected);
}

Test(privileges, an_intruder_finds_nothing)
{
    struct config config;
    struct findings *findings;

    if (!can_become_another())
        cr_skip_test("not root");
    make_folder("nobody");
    configure(&config);
    findings = find_in_child(&config);
    cr_expect_eq(findings->become, 0, "%s", findings->error.text);
    cr_expect_eq(findings->uid, getpwnam("nobody")->pw_uid);
    cr_expect_eq(findings->confine, 0, "%s", findings->error.text);
#ifdef __SANITIZE_ADDRESS__
    expect_confined(findings,
                    "user on (nobody), capabilities on (CAP_NET_RAW in capture threads alone), "
                    "seccomp off (not with a sanitizer), Landlock off (not with a sanitizer)");
#else
    cr_expect(findings->confinement.user.on && findings->confinement.capabilities.on &&
              findings->confinement.seccomp.on);
    for (size_t i = 0; i < ATTEMPTS; i++)
        cr_expect_eq(findings->result[i], attempts[i].expected, "%s: %s", attempts[i].what,
                     strerror(findings->result[i]));
#endif
    config_clear(&config);
    remove_folder();
}

Test(privileges, filters_can_be_switched_off_and_say_so)
{
    struct config config;
    struct findings *findings;

    if (!can_become_another())
        cr_skip_test("not root");
    make_folder("nobody");
    configure(&config);
    config.privileges.seccomp = config.privileges.landlock = config.privileges.reopen = false;
    findings = find_in_child(&config);
    cr_expect_eq(findings->confine, 0, "%s", findings->error.text);
    expect_confined(findings,
                    "user on (nobody), capabilities on (none left), seccomp off "
                    "(privileges.seccomp is false), Landlock off (privileges.landlock is false)");
    config_clear(&config);
    remove_folder();
}

Test(privileges, no_user_no_start)
{
    struct da3d_error error;

    if (geteuid() != 0)
        cr_skip_test("not root");
    cr_expect_eq(privileges_become("no-such-user", &error), -1);
    cr_expect(strstr(error.text, "there is no user of this name"), "%s", error.text);
    cr_expect_eq(privileges_become(NULL, &error), 0);
    cr_expect_eq(privileges_become("root", &error), 0);
}

static void *wait_at(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

Test(privileges, threads_that_would_keep_theirs_are_refused)
{
    struct config config;
    struct confinement confinement;
    struct da3d_error error;
    pthread_t thread;
    static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

    configure(&config);
    pthread_mutex_lock(&gate);
    pthread_create(&thread, NULL, wait_at, &gate);
    cr_expect_eq(privileges_confine(&config, NULL, &confinement, &error), -1);
    cr_expect(strstr(error.text, "started threads"), "%s", error.text);
    pthread_mutex_unlock(&gate);
    pthread_join(thread, NULL);
    config_clear(&config);
}
