/* Frames to packets. */
#include <string.h>

#include "frames.h"

/* Decodes a copy of exactly the frame, so that an overrun is seen. */
static void decode(struct decoder *decoder, int linktype, struct frame *frame)
{
    uint8_t *copy = malloc(frame->caplen > 0 ? frame->caplen : 1);
    struct packet packet;

    fuzz_check(copy);
    memcpy(copy, frame->data, frame->caplen);
    frame->data = copy;
    if (decode_packet(decoder, linktype, frame, &packet) == DECODE_OK) {
        fuzz_check(packet.ip_version == 4 || packet.ip_version == 6);
        fuzz_check(packet.payload >= copy);
        fuzz_check(packet.payload + packet.payload_cap <= copy + frame->caplen);
        fuzz_check(packet.payload_cap <= packet.payload_len);
        fuzz_check(packet.payload_len < packet.ip_len);
        fuzz_check(packet.vlan_count <= VLAN_MAX);
        fuzz_check(packet.fragment || !packet.later_fragment);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_stream stream = {.at = data, .left = size};
    struct decoder *decoder = fuzz_decoder(&stream);
    struct frame frame;
    int linktype;

    while (frame_next(&stream, &frame, &linktype))
        decode(decoder, linktype, &frame);
    return 0;
}
