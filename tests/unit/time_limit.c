/*
 * A test that waits for ever is ended by SIGALRM. Criterion's own time limit leaks memory, which
 * LeakSanitizer reports when the test ends in good time.
 */
#include <stdlib.h>
#include <unistd.h>

#define LIMIT_S 300

__attribute__((constructor)) static void limit_time(void)
{
    if (getenv("BXFI_MAP")) /* Criterion's sandbox names its shared memory: a test's own process */
        alarm(LIMIT_S);
}
