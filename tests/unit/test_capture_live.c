/* The members of a fanout group on a veth pair, in a network namespace of the test's own. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/capture.h"

enum { MEMBERS = 2, FLOWS = 64, FIRST_PORT = 40000, FRAME = 62, TRIES = 50 };

static bool make_pair(void)
{
    return system("ip link add va type veth peer name vb &&"
                  "ip link set va up && ip link set vb up") == 0;
}

static bool own_network(void)
{
    return unshare(CLONE_NEWNET) == 0 &&
           system("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6;"
                  "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6") == 0 &&
           make_pair();
}

static int sender(void)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("va")};
    int fd = socket(AF_PACKET, SOCK_RAW, 0);

    cr_assert(bind(fd, (struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

/* UDP over IPv4 or IPv6, from the host 1 to the host 2 or back. */
static void send_frame(int fd, bool ipv6, unsigned port, bool back)
{
    uint8_t frame[FRAME] = {0}, *ip = frame + 14, *udp = ip + (ipv6 ? 40 : 20);
    const uint8_t ports[4] = {(uint8_t)(port >> 8), (uint8_t)port, 0, 53};
    const uint8_t v4[12] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0};
    const uint8_t v6[8] = {0x60, 0, 0, 0, 0, 8, 17, 64};
    const uint8_t hosts[4] = {10, 0, 0, 0};

    frame[12] = ipv6 ? 0x86 : 0x08;
    frame[13] = ipv6 ? 0xdd : 0;
    if (ipv6) {
        memcpy(ip, v6, sizeof v6);
        ip[8] = ip[24] = 0xfd;
        ip[23] = back ? 2 : 1;
        ip[39] = back ? 1 : 2;
    } else {
        memcpy(ip, v4, sizeof v4);
        memcpy(ip + 12, hosts, 4);
        memcpy(ip + 16, hosts, 4);
        ip[15] = back ? 2 : 1;
        ip[19] = back ? 1 : 2;
    }
    memcpy(udp, ports + (back ? 2 : 0), 2);
    memcpy(udp + 2, ports + (back ? 0 : 2), 2);
    udp[5] = 8;
    cr_assert(send(fd, frame, (size_t)(udp + 8 - frame), 0) > 0);
}

static void send_flows(void)
{
    int fd = sender();

    for (unsigned i = 0; i < FLOWS; i++)
        for (int back = 0; back < 2; back++)
            send_frame(fd, i % 2, FIRST_PORT + i, back);
    close(fd);
}

/* seen: frames of each flow and direction. Returns how many frames there were. */
static unsigned take(struct capture *capture, unsigned seen[FLOWS][2])
{
    struct da3d_error error;
    struct frame frame;
    unsigned n = 0;

    memset(seen, 0, FLOWS * sizeof *seen);
    for (; capture_next(capture, &frame, &error) > 0; n++) {
        const uint8_t *udp = frame.data + 14 + (frame.data[12] == 0x86 ? 40 : 20);
        bool back = udp[0] == 0;
        unsigned port = back ? udp[2] * 256U + udp[3] : udp[0] * 256U + udp[1];

        cr_assert(port >= FIRST_PORT && port < FIRST_PORT + FLOWS);
        seen[port - FIRST_PORT][back]++;
    }
    return n;
}

/* Every frame reaches one member, and both directions of a flow the same. */
static void expect_shared(struct capture *const member[MEMBERS])
{
    unsigned seen[MEMBERS][FLOWS][2];

    send_flows();
    for (size_t m = 0; m < MEMBERS; m++)
        cr_expect_gt(take(member[m], seen[m]), 0, "member %zu takes a part", m);
    for (size_t i = 0; i < FLOWS; i++) {
        for (size_t m = 0; m < MEMBERS; m++)
            cr_expect_eq(seen[m][i][0], seen[m][i][1], "flow %zu, both directions", i);
        cr_expect_eq(seen[0][i][0] + seen[1][i][0], 1, "flow %zu, once", i);
    }
}

static void reopen_all(struct capture *const member[MEMBERS])
{
    bool open[MEMBERS] = {false};
    struct da3d_error error;

    for (int tries = 0; tries < TRIES && !(open[0] && open[1]); tries++)
        for (size_t m = 0; m < MEMBERS; m++) {
            int rc = open[m] ? 1 : capture_reopen(member[m], &error);

            cr_assert_geq(rc, 0, "%s", rc < 0 ? error.text : "");
            open[m] = rc == 1;
        }
    cr_assert(open[0] && open[1], "both are open again");
}

Test(capture_live, fanout_keeps_both_directions_together)
{
    const struct capture_live live = {.interface = "vb",
                                      .filter = "udp",
                                      .snaplen = CAPTURE_SNAPLEN,
                                      .buffer_bytes = 1 << 20,
                                      .fanout = 4242};
    struct capture *member[MEMBERS];
    struct capture_counts counts;
    struct da3d_error error;
    struct frame frame;
    uint64_t received = 0;

    if (!own_network())
        cr_skip_test("no network namespace of its own, or no ip");
    for (size_t m = 0; m < MEMBERS; m++) {
        member[m] = capture_open_live(&live, &error);
        cr_assert_not_null(member[m], "%s", error.text);
    }
    expect_shared(member);
    cr_assert_eq(system("ip link del vb"), 0);
    for (size_t m = 0; m < MEMBERS; m++) {
        cr_expect_eq(capture_next(member[m], &frame, &error), -1);
        cr_expect_str_eq(error.text, "the interface is gone");
        cr_expect_eq(capture_reopen(member[m], &error), 0, "there is none yet");
    }
    cr_assert(make_pair());
    reopen_all(member);
    expect_shared(member);
    for (size_t m = 0; m < MEMBERS; m++) {
        capture_counts(member[m], &counts);
        received += counts.received;
        cr_expect_eq(counts.dropped, 0);
        capture_close(member[m]);
    }
    cr_expect_eq(received, 2 * 2 * FLOWS, "counts outlive the interface");
}
