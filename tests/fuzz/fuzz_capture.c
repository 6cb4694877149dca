/* Capture files: to their end or their damage, unfiltered and filtered. */
#include "daemon/capture.h"
#include "file.h"

static void read_frames(const char *path, const char *filter)
{
    struct da3d_error error;
    struct unpack *source = unpack_open(path, &error);
    struct capture *capture = source ? capture_open(source, &error) : NULL;
    struct frame frame;
    volatile uint8_t last;

    if (!capture)
        return;
    capture_set_filter(capture, filter, &error);
    while (capture_next(capture, &frame, &error) > 0)
        if (frame.caplen > 0)
            last = frame.data[frame.caplen - 1];
    (void)last;
    capture_close(capture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file file;

    if (fuzz_is_compressed(data, size))
        return 0;
    fuzz_file_open(&file, data, size);
    read_frames(file.path, "");
    read_frames(file.path, "udp");
    fuzz_file_close(&file);
    return 0;
}
