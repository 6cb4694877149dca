#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_filter.h"
#include "syscall_filter.h"

/* A sanitizer looks into its own process from outside, and writes where it likes. */
#ifdef __SANITIZE_ADDRESS__
enum { FILTERS_POSSIBLE = 0 };
#else
enum { FILTERS_POSSIBLE = 1 };
#endif

/* What else is opened while the service runs: names of ports in an interface's filter, and how much
 * memory the process uses. */
static const char *const read_later[] = {"/etc/services", "/etc/protocols", "/proc/self"};

int privileges_restart_alone(char **argv)
{
    const char *threads = getenv("OPENBLAS_NUM_THREADS");

    if (threads && strcmp(threads, "1") == 0)
        return prctl(PR_SET_NAME, program_invocation_short_name, 0, 0, 0); /* lest it be "exe" */
    if (setenv("OPENBLAS_NUM_THREADS", "1", 1) < 0)
        return -1;
    return execv("/proc/self/exe", argv);
}

/* keep: CAP_NET_RAW, where the process has it. */
static void choose_capabilities(bool keep)
{
    const bool has = capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW);

    capng_clear(CAPNG_SELECT_ALL);
    if (keep && has)
        capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW);
}

/* Of the calling thread. The bounding set is for those to clear who may. */
static int keep_capabilities(bool net_raw, struct da3d_error *error)
{
    bool bounds;

    if (capng_get_caps_process() < 0)
        return da3d_fail(error, "capabilities cannot be read: %s", strerror(errno));
    bounds = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
    choose_capabilities(net_raw);
    if ((bounds && capng_apply(CAPNG_SELECT_BOUNDS) < 0) || capng_apply(CAPNG_SELECT_CAPS) < 0 ||
        capng_apply(CAPNG_SELECT_AMBIENT) < 0)
        return da3d_fail(error, "capabilities cannot be dropped: %s", strerror(errno));
    return 0;
}

int privileges_become(const char *name, struct da3d_error *error)
{
    const struct passwd *entry;

    if (!name || geteuid() != 0)
        return 0;
    errno = 0;
    entry = getpwnam(name);
    if (!entry)
        return da3d_fail(error, "privileges.user: '%s': %s", name,
                         errno ? strerror(errno) : "there is no user of this name");
    if (entry->pw_uid == 0)
        return 0;
    if (capng_get_caps_process() < 0)
        return da3d_fail(error, "capabilities cannot be read: %s", strerror(errno));
    choose_capabilities(true);
    if (capng_change_id((int)entry->pw_uid, (int)entry->pw_gid,
                        CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING) < 0)
        return da3d_fail(error, "privileges.user: '%s': cannot become it: %s", name,
                         strerror(errno));
    return 0;
}

/* The folder that holds what path leads to: a file that is replaced there is found again. */
static int allow_folder_of(struct file_filter *filter, const char *path, enum file_access access)
{
    char *real = realpath(path, NULL);
    char folder[PATH_MAX];

    snprintf(folder, sizeof folder, "%s", real ? real : path);
    free(real);
    return file_filter_allow(filter, dirname(folder), access);
}

/* What the service opens while it runs. */
static int allow_service(struct file_filter *filter, const struct config *config,
                         const char *config_file)
{
    int rc = allow_folder_of(filter, config->model, FILE_ACCESS_READ);

    if (rc == 0 && config->models.path)
        rc = file_filter_allow(filter, config->models.path, FILE_ACCESS_READ);
    if (rc == 0 && config->retrain.request)
        rc = allow_folder_of(filter, config->retrain.request, FILE_ACCESS_WRITE);
    if (rc == 0 && config_file)
        rc = allow_folder_of(filter, config_file, FILE_ACCESS_READ);
    for (size_t i = 0; rc == 0 && i < config->n_outputs; i++)
        if (config->output[i].path)
            rc = allow_folder_of(filter, config->output[i].path, FILE_ACCESS_WRITE);
    if (rc == 0 && config->control.path)
        rc = allow_folder_of(filter, config->control.path, FILE_ACCESS_WRITE);
    for (size_t i = 0; rc == 0 && i < sizeof read_later / sizeof *read_later; i++)
        rc = file_filter_allow(filter, read_later[i], FILE_ACCESS_READ);
    return rc;
}

static int allow_training(struct file_filter *filter, const struct config *config,
                          const char *models)
{
    int rc = allow_folder_of(filter, config->model, FILE_ACCESS_WRITE);

    if (rc == 0)
        rc = file_filter_allow(filter, models, FILE_ACCESS_WRITE);
    if (rc == 0 && config->spool.path)
        rc = file_filter_allow(filter, config->spool.path, FILE_ACCESS_READ);
    if (rc == 0 && config->marks)
        rc = file_filter_allow(filter, config->marks, FILE_ACCESS_READ);
    return rc;
}

/* models: a retraining's folder; NULL: it is the service. Returns the kernel's version of Landlock,
 * 0 if it has none, or -1 with *error. */
static int filter_files(const struct config *config, const char *config_file, const char *models,
                        struct da3d_error *error)
{
    struct file_filter filter;
    int rc;

    if (file_filter_init(&filter) < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP
                   ? 0
                   : da3d_fail(error, "Landlock: %s", strerror(errno));
    rc = models ? allow_training(&filter, config, models)
                : allow_service(&filter, config, config_file);
    rc = rc < 0 || file_filter_apply(&filter) < 0
             ? da3d_fail(error, "Landlock: %s", strerror(errno))
             : filter.abi;
    file_filter_clear(&filter);
    return rc;
}

__attribute__((format(printf, 3, 4))) static void set_measure(struct confinement_measure *out,
                                                              bool on, const char *format, ...)
{
    va_list args;

    out->on = on;
    va_start(args, format);
    vsnprintf(out->detail, sizeof out->detail, format, args);
    va_end(args);
}

/* To be called while the system's users can be read. */
static void describe_user(const char *name, struct confinement_measure *out)
{
    const uid_t uid = geteuid();
    const struct passwd *entry = getpwuid(uid);

    if (uid == 0)
        set_measure(out, false, name ? "privileges.user is root" : "privileges.user is empty");
    else if (entry)
        set_measure(out, true, "%s", entry->pw_name);
    else
        set_measure(out, true, "%u", (unsigned)uid);
}

/* Filters that the configuration asks for are applied where they can be, or there is no start. */
static void describe_seccomp(const struct config *config, struct confinement_measure *out)
{
    if (!config->privileges.seccomp)
        set_measure(out, false, "privileges.seccomp is false");
    else if (!FILTERS_POSSIBLE)
        set_measure(out, false, "not with a sanitizer");
    else
        set_measure(out, true, "%s", "");
}

/* abi: of Landlock, as filter_files() returns it. */
static void describe_landlock(const struct config *config, int abi, struct confinement_measure *out)
{
    if (!config->privileges.landlock)
        set_measure(out, false, "privileges.landlock is false");
    else if (!FILTERS_POSSIBLE)
        set_measure(out, false, "not with a sanitizer");
    else if (abi == 0)
        set_measure(out, false, "not in this kernel");
    else
        set_measure(out, true, "ABI %d", abi);
}

static void describe(const struct config *config, int abi, struct confinement *out)
{
    const bool none = capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE;

    set_measure(&out->capabilities, true,
                none ? "none left" : "CAP_NET_RAW in capture threads alone");
    describe_seccomp(config, &out->seccomp);
    describe_landlock(config, abi, &out->landlock);
}

static void add_measure(const struct confinement_measure *measure, const char *name,
                        char out[CONFINEMENT_TEXT])
{
    const size_t length = strlen(out);
    const bool detailed = *measure->detail != '\0';

    snprintf(out + length, CONFINEMENT_TEXT - length, "%s%s %s%s%s%s", length > 0 ? ", " : "", name,
             measure->on ? "on" : "off", detailed ? " (" : "", measure->detail,
             detailed ? ")" : "");
}

void confinement_text(const struct confinement *confinement, char out[CONFINEMENT_TEXT])
{
    *out = '\0';
    add_measure(&confinement->user, "user", out);
    add_measure(&confinement->capabilities, "capabilities", out);
    add_measure(&confinement->seccomp, "seccomp", out);
    add_measure(&confinement->landlock, "Landlock", out);
}

/* A folder has a link for itself, one in its parent, and one for each folder in it. */
static bool is_alone(void)
{
    struct stat status;

    return stat("/proc/self/task", &status) == 0 && status.st_nlink == 3;
}

/* Returns the kernel's version of Landlock, as filter_files() does. */
static int confine(const struct config *config, const char *config_file, const char *models,
                   struct da3d_error *error)
{
    int abi = 0;

    if (!is_alone())
        return da3d_fail(error, "a library has started threads, which would keep their privileges");
    if (keep_capabilities(!models && config->privileges.reopen, error) < 0)
        return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return da3d_fail(error, "no_new_privs: %s", strerror(errno));
    if (FILTERS_POSSIBLE && config->privileges.landlock)
        abi = filter_files(config, config_file, models, error);
    if (abi >= 0 && FILTERS_POSSIBLE && config->privileges.seccomp && syscall_filter_apply() < 0)
        return da3d_fail(error, "seccomp: %s", strerror(errno));
    return abi;
}

int privileges_confine(const struct config *config, const char *config_file,
                       struct confinement *out, struct da3d_error *error)
{
    int abi;

    *out = (struct confinement){0};
    describe_user(config->privileges.user, &out->user);
    abi = confine(config, config_file, NULL, error);
    if (abi < 0)
        return -1;
    describe(config, abi, out);
    return 0;
}

int privileges_confine_training(const struct config *config, const char *models,
                                struct da3d_error *error)
{
    return confine(config, NULL, models, error) < 0 ? -1 : 0;
}

int privileges_drop_all(struct da3d_error *error)
{
    return keep_capabilities(false, error);
}
