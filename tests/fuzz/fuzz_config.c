/* Configuration files: what is accepted is printed so that it reads the same again. */
#include <string.h>

#include "daemon/config_file.h"
#include "fuzz.h"

/* ctx: counts the faults. */
static void count(void *ctx, const char *line)
{
    size_t *faults = ctx;

    fuzz_check(*line && !strchr(line, '\n'));
    ++*faults;
}

static char *print(const struct config *config, size_t *size)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);

    fuzz_check(stream);
    config_print(config, stream);
    fclose(stream);
    return text;
}

/* Returns 0, or -1 after at least one fault. */
static int parse(struct config *config, const char *text, size_t size)
{
    size_t faults = 0;
    int rc;

    fuzz_check(config_init(config) == 0);
    rc = config_parse(config, text, size, &(struct config_report){.fault = count, .ctx = &faults});
    fuzz_check(rc == (faults > 0 ? -1 : 0) && faults <= CONFIG_FAULTS_MAX);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config config, again;
    size_t printed, printed_again;

    if (parse(&config, (const char *)data, size) == 0) {
        char *text = print(&config, &printed), *text_again;

        fuzz_check(parse(&again, text, printed) == 0);
        text_again = print(&again, &printed_again);
        fuzz_check(printed == printed_again && memcmp(text, text_again, printed) == 0);
        config_clear(&again);
        free(text);
        free(text_again);
    }
    config_clear(&config);
    return 0;
}
