#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAGIC_MAX = 6 };

struct capture {
    pcap_t *pcap;
    pid_t unpacker; /* child that decompresses, or 0 */
};

/* Programs that turn a compressed capture back into a plain one, by the file's first bytes. */
static const struct unpacker {
    const char *program;
    size_t magic_len;
    unsigned char magic[MAGIC_MAX];
} unpackers[] = {
    {"gzip", 2, {0x1f, 0x8b}},
    {"xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0}},
    {"zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}},
};

/* Looks at the first bytes without consuming them. Returns how many, or -1 with errno. */
static ssize_t peek(int fd, unsigned char *magic)
{
    int copy[2];
    ssize_t n;

    n = pread(fd, magic, MAGIC_MAX, 0);
    if (n >= 0 || errno != ESPIPE)
        return n;
    if (pipe2(copy, O_CLOEXEC) < 0)
        return -1;
    n = tee(fd, copy[1], MAGIC_MAX, 0);
    if (n > 0)
        n = read(copy[0], magic, (size_t)n);
    close(copy[0]);
    close(copy[1]);
    return n;
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
static int unpack(const struct unpacker *unpacker, int fd, pid_t *child)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    *child = fork();
    if (*child == 0) {
        dup2(fd, STDIN_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* capture_next() says what went wrong */
        execlp(unpacker->program, unpacker->program, "-dc", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (*child < 0) {
        close(ends[0]);
        return -1;
    }
    return ends[0];
}

/* Ends the child, if there is one. Returns its exit status as waitpid() gives it, 0 without one. */
static int unpacker_end(struct capture *capture)
{
    int status = 0;

    if (capture->unpacker > 0)
        waitpid(capture->unpacker, &status, 0);
    capture->unpacker = 0;
    return status;
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

/* Opens path and, where it is compressed, a pipe from its decompressor instead. */
static FILE *open_stream(struct capture *capture, const char *path, struct da3d_error *error)
{
    unsigned char magic[MAGIC_MAX];
    const struct unpacker *unpacker;
    FILE *stream;
    int fd, plain;
    ssize_t n;

    fd = open_input(path, error);
    if (fd < 0)
        return NULL;
    n = peek(fd, magic);
    if (n == 0) {
        close(fd);
        da3d_fail(error, "empty file");
        return NULL;
    }
    unpacker = n > 0 ? unpacker_find(magic, (size_t)n) : NULL;
    if (unpacker) {
        plain = unpack(unpacker, fd, &capture->unpacker);
        close(fd);
        fd = plain;
    }
    stream = fd < 0 ? NULL : fdopen(fd, "rb");
    if (!stream) {
        da3d_fail(error, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    return stream;
}

static int compile_filter(pcap_t *pcap, const char *filter, struct bpf_program *program,
                          struct da3d_error *error)
{
    if (pcap_compile(pcap, program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
        return da3d_fail(error, "filter '%s': %s", filter, pcap_geterr(pcap));
    return 0;
}

static int set_filter(pcap_t *pcap, const char *filter, struct da3d_error *error)
{
    struct bpf_program program;
    int rc;

    if (!*filter)
        return 0;
    if (compile_filter(pcap, filter, &program, error) < 0)
        return -1;
    rc = pcap_setfilter(pcap, &program);
    pcap_freecode(&program);
    return rc < 0 ? da3d_fail(error, "filter '%s': %s", filter, pcap_geterr(pcap)) : 0;
}

static int open_pcap(struct capture *capture, const char *path, const char *filter,
                     struct da3d_error *error)
{
    char reason[PCAP_ERRBUF_SIZE];
    FILE *stream;
    int status;

    stream = open_stream(capture, path, error);
    if (!stream)
        return -1;
    capture->pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!capture->pcap) {
        fclose(stream);
        status = unpacker_end(capture);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
            return da3d_fail(error, "compressed, and its decompressor is not installed");
        return da3d_fail(error, "not a capture: %s", reason);
    }
    return set_filter(capture->pcap, filter, error);
}

struct capture *capture_open(const char *path, const char *filter, struct da3d_error *error)
{
    struct capture *capture = calloc(1, sizeof *capture);

    if (!capture) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    if (open_pcap(capture, path, filter, error) < 0) {
        capture_close(capture);
        return NULL;
    }
    return capture;
}

void capture_close(struct capture *capture)
{
    if (!capture)
        return;
    if (capture->pcap)
        pcap_close(capture->pcap);
    unpacker_end(capture);
    free(capture);
}

int capture_linktype(const struct capture *capture)
{
    return pcap_datalink(capture->pcap);
}

const char *capture_linktype_name(const struct capture *capture)
{
    const char *name = pcap_datalink_val_to_name(pcap_datalink(capture->pcap));

    return name ? name : "unknown";
}

/* A decompressor that failed means that the capture is cut off, even if libpcap saw a clean end. */
static int end_of_file(struct capture *capture, struct da3d_error *error)
{
    int status = unpacker_end(capture);

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return da3d_fail(error, "cut off: its compressed data is damaged");
}

/* libpcap was asked for nanoseconds, which it keeps in tv_usec. A file may claim any time: it is
 * held to +-2^62, so that no difference of two times can overflow. */
static int64_t nanoseconds(const struct timeval *tv)
{
    const int64_t bound = INT64_C(1) << 62;
    int64_t ns;

    if (__builtin_mul_overflow((int64_t)tv->tv_sec, INT64_C(1000000000), &ns) ||
        __builtin_add_overflow(ns, (int64_t)tv->tv_usec, &ns))
        return tv->tv_sec < 0 ? -bound : bound;
    return ns < -bound ? -bound : ns > bound ? bound : ns;
}

int capture_next(struct capture *capture, struct frame *frame, struct da3d_error *error)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int rc;

    rc = pcap_next_ex(capture->pcap, &header, &data);
    if (rc == PCAP_ERROR_BREAK)
        return end_of_file(capture, error);
    if (rc != 1)
        return da3d_fail(error, "%s", pcap_geterr(capture->pcap));
    frame->ts_ns = nanoseconds(&header->ts);
    frame->data = data;
    frame->caplen = header->caplen;
    frame->wirelen = header->len;
    return 1;
}

int capture_filter_check(const char *filter, struct da3d_error *error)
{
    static const int kinds[] = {DLT_EN10MB, DLT_IEEE802_11_RADIO};
    struct bpf_program program;
    int rc = -1;

    for (size_t i = 0; rc < 0 && i < sizeof kinds / sizeof *kinds; i++) {
        pcap_t *pcap = pcap_open_dead(kinds[i], 262144);

        if (!pcap)
            return da3d_fail(error, "%s", strerror(errno));
        rc = compile_filter(pcap, filter, &program, error);
        if (rc == 0)
            pcap_freecode(&program);
        pcap_close(pcap);
    }
    return rc;
}

const char *capture_library_version(void)
{
    return pcap_lib_version();
}
