/* replay.c - runs a fuzz target over the files that are named: TAP. */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

enum { INPUT_MAX = 1 << 20 };

/* A copy of exactly that size, so that an overrun is seen. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    fuzz_check(copy);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static bool replay(const char *path)
{
    static uint8_t data[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (!file)
        return false;
    size = fread(data, 1, sizeof data, file);
    fclose(file);
    run(data, size);
    return size > 0;
}

int main(int argc, char **argv)
{
    bool all = true;

    for (int i = 1; i < argc; i++) {
        bool ok = replay(argv[i]);

        all = all && ok;
        printf("%sok %d - %s\n", ok ? "" : "not ", i, argv[i]);
        fflush(stdout);
    }
    printf("1..%d\n", argc - 1);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
