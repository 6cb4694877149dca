/* Frames to packets. */
#include "frames.h"

static void decode(struct decoder *decoder, int linktype, const struct frame *frame)
{
    struct packet packet;

    if (decode_packet(decoder, linktype, frame, &packet) != DECODE_OK)
        return;
    fuzz_check(packet.ip_version == 4 || packet.ip_version == 6);
    fuzz_check(packet.payload >= frame->data);
    fuzz_check(packet.payload + packet.payload_cap <= frame->data + frame->caplen);
    fuzz_check(packet.payload_cap <= packet.payload_len);
    fuzz_check(packet.payload_len < packet.ip_len);
    fuzz_check(packet.vlan_count <= VLAN_MAX);
    fuzz_check(packet.fragment || !packet.later_fragment);
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
