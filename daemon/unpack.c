#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAGIC_MAX = 6 };

/* gzip's and xz's status where all was decompressed, and something else follows. */
enum { WARNING = 2 };

struct unpack {
    FILE *stream; /* NULL once it was given away */
    pid_t child;  /* that decompresses, or 0 */
    unsigned char magic[MAGIC_MAX];
    size_t n_magic; /* first bytes of the plain content that are known */
};

/* Programs that turn a compressed file back into a plain one, by the file's first bytes. */
static const struct unpacker {
    const char *program;
    size_t magic_len;
    unsigned char magic[MAGIC_MAX];
} unpackers[] = {
    {"gzip", 2, {0x1f, 0x8b}},
    {"xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0}},
    {"zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}},
};

/* First bytes of pcap (either byte order, micro- or nanoseconds, modified) and of pcapng. */
static const unsigned char pcaps[][4] = {
    {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0xc3, 0xd4}, {0x4d, 0x3c, 0xb2, 0xa1},
    {0xa1, 0xb2, 0x3c, 0x4d}, {0x34, 0xcd, 0xb2, 0xa1}, {0xa1, 0xb2, 0xcd, 0x34},
};
static const unsigned char pcapng[] = {0x0a, 0x0d, 0x0d, 0x0a};

static ssize_t peek_pipe(int fd, unsigned char *magic)
{
    int copy[2];
    ssize_t n;

    if (pipe2(copy, O_CLOEXEC) < 0)
        return -1;
    n = tee(fd, copy[1], MAGIC_MAX, 0);
    if (n > 0)
        n = read(copy[0], magic, (size_t)n);
    close(copy[0]);
    close(copy[1]);
    return n;
}

/* Copies what a pipe or a socket holds, at most MAGIC_MAX bytes, without consuming it; waits for
 * the first. Returns how many, or -1 with errno. */
static ssize_t peek_stream(int fd, unsigned char *magic)
{
    ssize_t n = recv(fd, magic, MAGIC_MAX, MSG_PEEK);

    return n < 0 && errno == ENOTSOCK ? peek_pipe(fd, magic) : n;
}

static bool writer_is_gone(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLRDHUP};

    return poll(&poller, 1, 0) > 0 && (poller.revents & (POLLHUP | POLLRDHUP));
}

/* Looks at the next bytes without consuming them, MAGIC_MAX of them if so many are to come.
 * Returns how many, or -1 with errno. */
static ssize_t peek(int fd, unsigned char *magic)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    off_t at = lseek(fd, 0, SEEK_CUR);
    bool gone;
    ssize_t n;

    if (at >= 0)
        return pread(fd, magic, MAGIC_MAX, at);
    for (;;) {
        gone = writer_is_gone(fd); /* asked first: its last bytes are there by then */
        n = peek_stream(fd, magic);
        if (n <= 0 || n == MAGIC_MAX || gone)
            return n;
        nanosleep(&pause, NULL);
    }
}

static const struct unpacker *unpacker_find(const unsigned char *magic, size_t n)
{
    for (size_t i = 0; i < sizeof unpackers / sizeof *unpackers; i++)
        if (n >= unpackers[i].magic_len &&
            memcmp(magic, unpackers[i].magic, unpackers[i].magic_len) == 0)
            return &unpackers[i];
    return NULL;
}

/* Runs `program -dc` with fd as its input. Returns the end to read from, or -1 with errno. */
static int run(const struct unpacker *unpacker, int fd, pid_t *child)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    *child = fork();
    if (*child == 0) {
        dup2(fd, STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* unpack_end() says what went wrong */
        execlp(unpacker->program, unpacker->program, "-dc", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (*child < 0) {
        *child = 0;
        close(ends[0]);
        return -1;
    }
    return ends[0];
}

static int open_input(const char *path, struct da3d_error *error)
{
    struct stat st;
    int fd;

    fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return da3d_fail(error, "%s", strerror(errno));
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        return da3d_fail(error, "is a directory");
    }
    return fd;
}

/* Returns what peek() does. */
static ssize_t keep_magic(struct unpack *unpack, int fd)
{
    ssize_t n = peek(fd, unpack->magic);

    unpack->n_magic = n > 0 ? (size_t)n : 0;
    return n;
}

/* Puts a decompressor behind fd where it is compressed. Takes fd over.
 * Returns the descriptor to read plain content from, or -1 with errno. */
static int plain_input(struct unpack *unpack, int fd)
{
    const struct unpacker *unpacker = unpacker_find(unpack->magic, unpack->n_magic);
    int plain;

    if (!unpacker)
        return fd;
    plain = run(unpacker, fd, &unpack->child);
    close(fd);
    if (plain >= 0)
        keep_magic(unpack, plain);
    return plain;
}

/* Returns the exit status as waitpid() gives it, 0 without a child. */
static int wait_child(struct unpack *unpack)
{
    int status = 0;

    if (unpack->child > 0)
        while (waitpid(unpack->child, &status, 0) < 0 && errno == EINTR)
            continue;
    unpack->child = 0;
    return status;
}

static int open_stream(struct unpack *unpack, const char *path, struct da3d_error *error)
{
    int fd = open_input(path, error), status;

    if (fd < 0)
        return -1;
    if (keep_magic(unpack, fd) == 0) {
        close(fd);
        return da3d_fail(error, "empty file");
    }
    fd = plain_input(unpack, fd);
    unpack->stream = fd < 0 ? NULL : fdopen(fd, "rb");
    if (!unpack->stream) {
        da3d_fail(error, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (unpack->child == 0 || unpack->n_magic > 0)
        return 0;
    status = wait_child(unpack);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return da3d_fail(error, "compressed, and its decompressor is not installed");
    return da3d_fail(error, "empty or damaged behind its compression");
}

struct unpack *unpack_open(const char *path, struct da3d_error *error)
{
    struct unpack *unpack = calloc(1, sizeof *unpack);

    if (!unpack) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    if (open_stream(unpack, path, error) < 0) {
        unpack_close(unpack);
        return NULL;
    }
    return unpack;
}

void unpack_close(struct unpack *unpack)
{
    if (!unpack)
        return;
    if (unpack->stream)
        fclose(unpack->stream);
    if (unpack->child > 0)
        kill(unpack->child, SIGTERM); /* it may be waiting for input that nobody wants any more */
    wait_child(unpack);
    free(unpack);
}

FILE *unpack_stream(struct unpack *unpack)
{
    FILE *stream = unpack->stream;

    unpack->stream = NULL;
    return stream;
}

bool unpack_begins(const struct unpack *unpack, const unsigned char *bytes, size_t n)
{
    return unpack->n_magic >= n && memcmp(unpack->magic, bytes, n) == 0;
}

bool unpack_is_pcapng(const struct unpack *unpack)
{
    return unpack_begins(unpack, pcapng, sizeof pcapng);
}

bool unpack_is_capture(const struct unpack *unpack)
{
    for (size_t i = 0; i < sizeof pcaps / sizeof *pcaps; i++)
        if (unpack_begins(unpack, pcaps[i], sizeof pcaps[i]))
            return true;
    return unpack_is_pcapng(unpack);
}

int unpack_end(struct unpack *unpack, struct da3d_error *error)
{
    int status = wait_child(unpack);

    if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == WARNING))
        return 0;
    return da3d_fail(error, "cut off: its compressed data is damaged");
}
