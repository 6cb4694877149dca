/* da3dd: learns what normal network traffic looks like, scores the flows of other traffic. */
#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <json-c/json.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "log.h"
#include "loop.h"
#include "modes.h"
#include "privileges.h"
#include "version.h"
#include "yaml_tree.h"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

static int print_version(void)
{
    puts("da3dd " DA3DD_VERSION);
    return EXIT_SUCCESS;
}

static int print_build_info(void)
{
    print_version();
    puts("compiler: " COMPILER);
    printf("capture: %s\n", capture_library_version());
    printf("blas: %s\n", da3d_blas());
    printf("libevent: %s\n", loop_library_version());
    printf("libyaml: %s\n", tree_library_version());
    printf("json-c: %s\n", json_c_version());
    printf("libgcrypt: %s\n", gcry_check_version(NULL));
    printf("libsodium: %s\n", sodium_version_string());
    fputs("feature sets:", stdout);
    for (const struct feature_set *const *set = feature_sets(); *set; set++)
        printf(" %s (%s)", (*set)->name, (*set)->version);
    putchar('\n');
    return EXIT_SUCCESS;
}

static int print_help(void)
{
    cli_help();
    return EXIT_SUCCESS;
}

typedef int model_mode(const struct options *options, const struct stored_model *stored);

static int run_with_model(const struct options *options, model_mode *mode)
{
    struct stored_model stored;
    struct da3d_error error;
    int status;

    if (store_load(options->model, &stored, &error) < 0) {
        log_error("%s: %s", options->model, error.text);
        return EXIT_FAILURE;
    }
    status = mode(options, &stored);
    store_clear(&stored);
    return status;
}

static int run(const struct options *options)
{
    switch (options->mode) {
    case MODE_TRAIN: return mode_train(options);
    case MODE_SCORE: return run_with_model(options, mode_score);
    case MODE_TABLE_SCORE: return run_with_model(options, mode_table_score);
    case MODE_EVAL: return run_with_model(options, mode_eval);
    case MODE_EXPLAIN: return run_with_model(options, mode_explain);
    case MODE_EXTRACT: return mode_extract(options);
    case MODE_SERVICE: return mode_service(options);
    case MODE_RETRAIN: return mode_retrain(options);
    case MODE_PROMOTE: return mode_promote(options);
    case MODE_ROLLBACK: return mode_rollback(options);
    case MODE_TEST_CONFIG: return mode_test_config(options);
    case MODE_DUMP_CONFIG: return mode_dump_config(options);
    case MODE_LIST_FEATURES: return mode_list_features(options);
    case MODE_HELP: return print_help();
    case MODE_VERSION: return print_version();
    case MODE_BUILD: return print_build_info();
    }
    return EXIT_FAILURE;
}

static int libraries_init(void)
{
    if (sodium_init() < 0 || !gcry_check_version(GCRYPT_VERSION)) {
        log_error("libsodium or libgcrypt cannot be initialised");
        return -1;
    }
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    return 0;
}

/* A program that was started without its standard streams must not take a file for one. */
static void standard_streams_open(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* Everything that was printed has been taken. A mode that finds that it has not stops silently. */
static bool standard_output_whole(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    log_error("standard output: %s", errno ? strerror(errno) : "cannot be written");
    return false;
}

/* As they were given: parsing puts them into another order. */
static char **words_copy(int argc, char **argv)
{
    const size_t size = ((size_t)argc + 1) * sizeof *argv;
    char **words = malloc(size);

    return words ? memcpy(words, argv, size) : NULL;
}

/* Privileges are dropped in all threads: see privileges.h. */
static int ready_for(enum mode mode, char **words)
{
    const bool drops = 1 << mode & (1 << MODE_SERVICE | MODES_MODELS);

    if (!drops || (words && privileges_restart_alone(words) == 0))
        return 0;
    log_error("the program cannot be run again without threads of BLAS: %s", strerror(errno));
    return -1;
}

int main(int argc, char **argv)
{
    char **words;
    struct options options;
    int status = 2;

    standard_streams_open();
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is then an error of write(), as a full disk is */
    if (libraries_init() < 0)
        return EXIT_FAILURE;
    words = words_copy(argc, argv);
    if (cli_parse(&options, argc, argv) == 0)
        status = ready_for(options.mode, words) == 0 ? run(&options) : EXIT_FAILURE;
    cli_clear(&options);
    free(words);
    return standard_output_whole() ? status : EXIT_FAILURE;
}
