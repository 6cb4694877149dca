#include "capture.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Fewer and larger reads than by stdio's own few KiB; small enough to stay in the cache. */
enum { BUFFER = 128 << 10 };

struct capture {
    pcap_t *pcap;             /* NULL: an interface that has to be opened again */
    struct unpack *source;    /* NULL: an interface */
    struct capture_live live; /* of an interface */
    int index;                /* the kernel's, of the interface; 0: it is none ("any") */
    int linktype;
    struct capture_counts counts; /* libpcap's are 32 bits wide and wrap */
    struct pcap_stat last;
    char buffer[BUFFER]; /* the stream's */
};

static int compile_filter(pcap_t *pcap, const char *filter, struct bpf_program *program,
                          struct da3d_error *error)
{
    if (pcap_compile(pcap, program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
        return da3d_fail(error, "filter '%s': %s", filter, pcap_geterr(pcap));
    return 0;
}

/* filter: a BPF expression, or "" for every frame. Returns 0, or -1 with *error. */
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
    if (rc < 0)
        return da3d_fail(error, "filter '%s': %s", filter, pcap_geterr(pcap));
    return 0;
}

static int open_pcap(struct capture *capture, struct da3d_error *error)
{
    char reason[PCAP_ERRBUF_SIZE];
    FILE *stream = unpack_stream(capture->source);

    setvbuf(stream, capture->buffer, _IOFBF, sizeof capture->buffer);
    capture->pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!capture->pcap) {
        fclose(stream);
        return da3d_fail(error, "not a capture: %s", reason);
    }
    capture->linktype = pcap_datalink(capture->pcap);
    return 0;
}

struct capture *capture_open(struct unpack *source, struct da3d_error *error)
{
    struct capture *capture = calloc(1, sizeof *capture);

    if (!capture) {
        unpack_close(source);
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    capture->source = source;
    if (open_pcap(capture, error) < 0) {
        capture_close(capture);
        return NULL;
    }
    return capture;
}

static int set_up_live(pcap_t *pcap, const struct capture_live *live)
{
    int rc = pcap_set_snaplen(pcap, (int)live->snaplen);

    if (rc == 0)
        rc = pcap_set_promisc(pcap, live->promiscuous);
    if (rc == 0)
        rc = pcap_set_timeout(pcap, CAPTURE_WAIT_MS);
    if (rc == 0)
        rc = pcap_set_buffer_size(pcap, (int)live->buffer_bytes);
    if (rc == 0)
        rc = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
    return rc == 0 ? pcap_activate(pcap) : rc;
}

/* Both directions of a flow, and all fragments of a datagram, reach the same member (packet(7)). */
static int join_fanout(pcap_t *pcap, uint16_t group, struct da3d_error *error)
{
    unsigned value = (unsigned)group | (PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG) * 65536U;

    if (group == 0 ||
        setsockopt(pcap_fileno(pcap), SOL_PACKET, PACKET_FANOUT, &value, sizeof value) == 0)
        return 0;
    return da3d_fail(error, "fanout group %u: %s", group, strerror(errno));
}

/* *out: the caller's; as it was on failure. Returns 0, or a negative status of libpcap's with
 * *error. */
static int activate(const struct capture_live *live, pcap_t **out, struct da3d_error *error)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_create(live->interface, reason);
    int rc;

    if (!pcap)
        return da3d_fail(error, "%s", reason);
    rc = set_up_live(pcap, live);
    if (rc < 0) {
        const char *detail = pcap_geterr(pcap);

        da3d_fail(error, "%s", *detail ? detail : pcap_statustostr(rc));
    } else if (pcap_setnonblock(pcap, 1, reason) < 0) {
        rc = da3d_fail(error, "%s", reason);
    } else {
        rc = set_filter(pcap, live->filter, error);
    }
    if (rc < 0)
        pcap_close(pcap);
    else
        *out = pcap;
    return rc;
}

/* Takes pcap over in place of what was open; counts go on. Returns 0, or -1 with *error. */
static int go_live(struct capture *capture, pcap_t *pcap, struct da3d_error *error)
{
    struct ifreq request = {0};

    if (capture->pcap)
        pcap_close(capture->pcap);
    capture->pcap = pcap;
    capture->last = (struct pcap_stat){0};
    strncpy(request.ifr_name, capture->live.interface, sizeof request.ifr_name - 1);
    capture->index =
        ioctl(pcap_fileno(pcap), SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
    return join_fanout(pcap, capture->live.fanout, error);
}

struct capture *capture_open_live(const struct capture_live *live, struct da3d_error *error)
{
    struct capture *capture = calloc(1, sizeof *capture);
    pcap_t *pcap = NULL;

    if (!capture) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    capture->live = *live;
    activate(live, &pcap, error);
    if (!pcap || go_live(capture, pcap, error) < 0) {
        capture_close(capture);
        return NULL;
    }
    capture->linktype = pcap_datalink(pcap);
    return capture;
}

/* Is the interface that was opened still there? One that was made anew has another index. */
static bool is_there(const struct capture *capture)
{
    struct ifreq request = {0};

    if (!capture->pcap)
        return false;
    strncpy(request.ifr_name, capture->live.interface, sizeof request.ifr_name - 1);
    return capture->index == 0 || (ioctl(pcap_fileno(capture->pcap), SIOCGIFINDEX, &request) == 0 &&
                                   request.ifr_ifindex == capture->index);
}

/* libpcap is silent where an interface is down, and where it is removed after that. */
static int check_interface(const struct capture *capture, struct da3d_error *error)
{
    struct ifreq request = {0};

    if (!is_there(capture))
        return da3d_fail(error, "the interface is gone");
    strncpy(request.ifr_name, capture->live.interface, sizeof request.ifr_name - 1);
    if (capture->index != 0 && ioctl(pcap_fileno(capture->pcap), SIOCGIFFLAGS, &request) == 0 &&
        !(request.ifr_flags & IFF_UP))
        return da3d_fail(error, "the interface is down");
    return 0;
}

int capture_reopen(struct capture *capture, struct da3d_error *error)
{
    struct capture_counts unused;
    pcap_t *pcap = NULL;
    int rc;

    if (is_there(capture))
        return 0;
    rc = activate(&capture->live, &pcap, error);
    if (rc == PCAP_ERROR_NO_SUCH_DEVICE || rc == PCAP_ERROR_IFACE_NOT_UP)
        return 0;
    if (!pcap)
        return -1;
    if (pcap_datalink(pcap) != capture->linktype) {
        pcap_close(pcap);
        return da3d_fail(error, "its link type has changed");
    }
    capture_counts(capture, &unused);
    if (go_live(capture, pcap, error) == 0)
        return 1;
    pcap_close(capture->pcap); /* alone it would see the other members' flows */
    capture->pcap = NULL;
    return 0;
}

void capture_close(struct capture *capture)
{
    if (!capture)
        return;
    if (capture->pcap)
        pcap_close(capture->pcap);
    unpack_close(capture->source);
    free(capture);
}

int capture_set_filter(struct capture *capture, const char *filter, struct da3d_error *error)
{
    return set_filter(capture->pcap, filter, error);
}

int capture_linktype(const struct capture *capture)
{
    return capture->linktype;
}

const char *capture_linktype_name(const struct capture *capture)
{
    const char *name = pcap_datalink_val_to_name(capture->linktype);

    return name ? name : "unknown";
}

/* libpcap was asked for nanoseconds, which it keeps in tv_usec. A file may claim any time: it is
 * held below +-2^62, so that no difference of two times can overflow. */
static int64_t nanoseconds(const struct timeval *tv)
{
    const int64_t bound = (INT64_C(1) << 62) - 1;
    int64_t ns;

    if (__builtin_mul_overflow((int64_t)tv->tv_sec, INT64_C(1000000000), &ns) ||
        __builtin_add_overflow(ns, (int64_t)tv->tv_usec, &ns))
        return tv->tv_sec < 0 ? -bound : bound;
    return ns < -bound ? -bound : ns > bound ? bound : ns;
}

/* libpcap's own wait for an interface has no end where no frame comes: its timeout bounds how long
 * the kernel may hold frames back. */
static int next_of_interface(pcap_t *pcap, struct pcap_pkthdr **header, const u_char **data)
{
    struct pollfd frames = {.fd = pcap_fileno(pcap), .events = POLLIN};
    int rc = pcap_next_ex(pcap, header, data);

    if (rc != 0)
        return rc;
    poll(&frames, 1, CAPTURE_WAIT_MS);
    return pcap_next_ex(pcap, header, data);
}

int capture_next(struct capture *capture, struct frame *frame, struct da3d_error *error)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int rc;

    if (!capture->pcap)
        return da3d_fail(error, "the interface is gone");
    rc = capture->source ? pcap_next_ex(capture->pcap, &header, &data)
                         : next_of_interface(capture->pcap, &header, &data);
    if (rc <= 0 && !capture->source && check_interface(capture, error) < 0)
        return -1;
    if (rc == 0)
        return 0; /* an interface at rest */
    if (rc == PCAP_ERROR_BREAK)
        return unpack_end(capture->source, error); /* cut off, even at a clean end for libpcap */
    if (rc != 1)
        return da3d_fail(error, "%s", pcap_geterr(capture->pcap));
    frame->ts_ns = nanoseconds(&header->ts);
    frame->data = data;
    frame->caplen = header->caplen;
    frame->wirelen = header->len;
    return 1;
}

/* What a counter has grown by. The interface's own starts anew with it: then nothing. */
static uint32_t grown(uint32_t now, uint32_t before)
{
    return now - before <= INT32_MAX ? now - before : 0;
}

void capture_counts(struct capture *capture, struct capture_counts *out)
{
    struct capture_counts *counts = &capture->counts;
    struct pcap_stat now;

    if (capture->pcap && pcap_stats(capture->pcap, &now) == 0) {
        counts->received += grown(now.ps_recv, capture->last.ps_recv);
        counts->dropped += grown(now.ps_drop, capture->last.ps_drop);
        counts->dropped += grown(now.ps_ifdrop, capture->last.ps_ifdrop);
        capture->last = now;
    }
    *out = *counts;
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
