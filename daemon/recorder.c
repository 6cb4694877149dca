#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "features/nanos.h"
#include "log.h"

enum { BUFFER = 256 << 10, DLT_RAW_OF_LINUX = 12, LINKTYPE_RAW = 101 };

/* As draft-ietf-opsawg-pcap has them, in the byte order of this machine. */
struct file_header {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t reserved[2];
    uint32_t snaplen;
    uint32_t linktype;
};

struct frame_header {
    uint32_t seconds, nanoseconds;
    uint32_t caplen, wirelen;
};

struct recorder {
    struct recorder_config config;
    FILE *file; /* NULL: the recording has ended */
    uint64_t size;
};

/* reason: NULL, or why more cannot be recorded. */
static void end(struct recorder *recorder, const char *reason)
{
    if (fclose(recorder->file) != 0 && !reason)
        reason = strerror(errno);
    recorder->file = NULL;
    if (reason)
        log_warning("%s: after %" PRIu64 " bytes: %s; the recording ends here",
                    recorder->config.path, recorder->size, reason);
}

static void write_bytes(struct recorder *recorder, const void *bytes, size_t n)
{
    if (recorder->file && fwrite(bytes, 1, n, recorder->file) != n)
        end(recorder, strerror(errno));
    recorder->size += n;
}

static void write_header(struct recorder *recorder)
{
    const int linktype = recorder->config.linktype;
    const struct file_header header = {
        .magic = 0xa1b23c4d, /* nanoseconds */
        .major = 2,
        .minor = 4,
        .snaplen = recorder->config.snaplen,
        .linktype = linktype == DLT_RAW_OF_LINUX ? LINKTYPE_RAW : (uint32_t)linktype,
    };

    write_bytes(recorder, &header, sizeof header);
}

struct recorder *recorder_open(const struct recorder_config *config, struct da3d_error *error)
{
    struct recorder *recorder = calloc(1, sizeof *recorder);
    int fd = open(config->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (recorder && fd >= 0)
        recorder->file = fdopen(fd, "wb");
    if (!recorder || !recorder->file) {
        da3d_fail(error, "%s: %s", config->path, strerror(errno));
        if (fd >= 0)
            close(fd);
        free(recorder);
        return NULL;
    }
    recorder->config = *config;
    setvbuf(recorder->file, NULL, _IOFBF, BUFFER);
    write_header(recorder);
    return recorder;
}

void recorder_frame(struct recorder *recorder, const struct frame *frame)
{
    const struct frame_header header = {
        .seconds = (uint32_t)(frame->ts_ns / NANOS_PER_SECOND),
        .nanoseconds = (uint32_t)(frame->ts_ns % NANOS_PER_SECOND),
        .caplen = (uint32_t)frame->caplen,
        .wirelen = (uint32_t)frame->wirelen,
    };

    if (!recorder->file)
        return;
    if (recorder->size + sizeof header + frame->caplen > recorder->config.limit) {
        end(recorder, "its limit is reached");
        return;
    }
    write_bytes(recorder, &header, sizeof header);
    write_bytes(recorder, frame->data, frame->caplen);
}

void recorder_flush(struct recorder *recorder)
{
    if (recorder->file && fflush(recorder->file) != 0)
        end(recorder, strerror(errno));
}

void recorder_close(struct recorder *recorder)
{
    if (!recorder)
        return;
    if (recorder->file)
        end(recorder, NULL);
    free(recorder);
}
