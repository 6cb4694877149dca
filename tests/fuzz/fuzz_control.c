/* Requests of da3ddctl: what is accepted reads the same again. */
#include <string.h>

#include "daemon/request.h"
#include "fuzz.h"

static void check_again(const struct request *request)
{
    struct da3d_error error;
    struct request again;
    size_t length = 0;
    char *line = request_line(request, &length);

    fuzz_check(line && length > 1 && line[length - 1] == '\n');
    fuzz_check(!memchr(line, '\n', length - 1));
    /* What json-c escapes may grow beyond a line's bound. */
    if (length - 1 <= REQUEST_LINE_MAX) {
        fuzz_check(request_parse(line, length - 1, &again, &error) == 0);
        fuzz_check(memcmp(request, &again, sizeof again) == 0);
    }
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct da3d_error error = {""};
    struct request request;

    if (request_parse((const char *)data, size, &request, &error) == 0)
        check_again(&request);
    else
        fuzz_check(*error.text && !strchr(error.text, '\n'));
    return 0;
}
