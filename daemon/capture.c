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

#include "capture_filter.h"
#include "features/decode.h"
#include "features/nanos.h"
#include "pcapng.h"

/* Fewer and larger reads than by stdio's own few KiB; small enough to stay in the cache. */
enum { BUFFER = 128 << 10 };

/* The only number of what can be decoded for which libpcap has one of its own. */
enum { LINKTYPE_RAW = 101 };

struct capture {
    pcap_t *pcap; /* NULL: a pcapng file, or an interface that has to be opened again */
    struct pcapng *pcapng;
    struct capture_filter filter; /* of a pcapng file */
    struct unpack *source;        /* NULL: an interface */
    struct capture_live live;     /* of an interface */
    int index;                    /* the kernel's, of the interface; 0: it is none ("any") */
    int linktype;
    struct capture_counts counts; /* libpcap's are 32 bits wide and wrap */
    struct pcap_stat last;
    char buffer[BUFFER]; /* the stream's */
};

/* stream: taken over. */
static int open_pcapng(struct capture *capture, FILE *stream, struct da3d_error *error)
{
    struct da3d_error reason;

    capture->pcapng = pcapng_open(stream, &reason);
    capture->linktype = -1;
    return capture->pcapng ? 0 : da3d_fail(error, "not a capture: %s", reason.text);
}

/* stream: taken over. */
static int open_pcap(struct capture *capture, FILE *stream, struct da3d_error *error)
{
    char reason[PCAP_ERRBUF_SIZE];

    capture->pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (!capture->pcap) {
        fclose(stream);
        return da3d_fail(error, "not a capture: %s", reason);
    }
    capture->linktype = pcap_datalink(capture->pcap);
    return 0;
}

static int open_file(struct capture *capture, struct da3d_error *error)
{
    bool pcapng = unpack_is_pcapng(capture->source);
    FILE *stream = unpack_stream(capture->source);

    setvbuf(stream, capture->buffer, _IOFBF, sizeof capture->buffer);
    return pcapng ? open_pcapng(capture, stream, error) : open_pcap(capture, stream, error);
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
    capture_filter_init(&capture->filter, "");
    if (open_file(capture, error) < 0) {
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
        rc = capture_filter_install(pcap, live->filter, error);
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
    pcapng_close(capture->pcapng);
    capture_filter_clear(&capture->filter);
    unpack_close(capture->source);
    free(capture);
}

int capture_set_filter(struct capture *capture, const char *filter, struct da3d_error *error)
{
    capture_filter_clear(&capture->filter);
    capture_filter_init(&capture->filter, filter);
    if (capture->pcapng || !decode_link_supported(capture->linktype))
        return 0;
    return capture_filter_install(capture->pcap, filter, error);
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

/* libpcap was asked for nanoseconds, which it keeps in tv_usec. A file's seconds are unsigned, 32
 * bits wide; libpcap takes those from 2038 on for negative. */
static int64_t time_of(const struct capture *capture, const struct timeval *ts)
{
    const bool wrapped = capture->source && ts->tv_sec < 0;

    return nanos_at(ts->tv_sec + (wrapped ? INT64_C(1) << 32 : 0), ts->tv_usec);
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

static int next_of_pcapng(struct capture *capture, struct frame *frame, struct da3d_error *error)
{
    int rc, linktype;

    while ((rc = pcapng_next(capture->pcapng, frame, &linktype, error)) > 0) {
        capture->linktype = linktype == LINKTYPE_RAW ? DLT_RAW : linktype;
        if (capture_filter_passes(&capture->filter, capture->linktype, frame))
            return 1;
    }
    if (rc == 0 && capture_filter_misfit(&capture->filter, error) < 0)
        return -1;
    return rc < 0 ? -1 : unpack_end(capture->source, error);
}

int capture_next(struct capture *capture, struct frame *frame, struct da3d_error *error)
{
    struct pcap_pkthdr *header;
    const u_char *data;
    int rc;

    if (capture->pcapng)
        return next_of_pcapng(capture, frame, error);
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
    frame->ts_ns = time_of(capture, &header->ts);
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

const char *capture_library_version(void)
{
    return pcap_lib_version();
}
