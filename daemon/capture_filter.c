#include "capture_filter.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "capture.h"
#include "features/decode.h"

static int compile_filter(pcap_t *pcap, const char *filter, struct bpf_program *program,
                          struct da3d_error *error)
{
    if (pcap_compile(pcap, program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
        return da3d_fail(error, "filter '%s': %s", filter, pcap_geterr(pcap));
    return 0;
}

/* *program: without instructions on failure. */
static int compile_for(int linktype, const char *filter, struct bpf_program *program,
                       struct da3d_error *error)
{
    pcap_t *pcap = pcap_open_dead(linktype, 262144);
    int rc;

    *program = (struct bpf_program){0};
    if (!pcap)
        return da3d_fail(error, "%s", strerror(errno));
    rc = compile_filter(pcap, filter, program, error);
    pcap_close(pcap);
    return rc;
}

int capture_filter_install(pcap_t *pcap, const char *filter, struct da3d_error *error)
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

void capture_filter_init(struct capture_filter *filter, const char *expression)
{
    filter->expression = expression;
    filter->n = 0;
}

void capture_filter_clear(struct capture_filter *filter)
{
    for (size_t i = 0; i < filter->n; i++)
        pcap_freecode(&filter->links[i].program);
    filter->n = 0;
}

static const struct bpf_program *program_for(struct capture_filter *filter, int linktype)
{
    struct link_filter *link;

    for (size_t i = 0; i < filter->n; i++)
        if (filter->links[i].linktype == linktype)
            return &filter->links[i].program;
    assert(filter->n < CAPTURE_FILTER_LINKS_MAX);
    link = &filter->links[filter->n++];
    link->linktype = linktype;
    compile_for(linktype, filter->expression, &link->program, &filter->misfit);
    return &link->program;
}

bool capture_filter_passes(struct capture_filter *filter, int linktype, const struct frame *frame)
{
    const struct pcap_pkthdr header = {.caplen = (bpf_u_int32)frame->caplen,
                                       .len = (bpf_u_int32)frame->wirelen};
    const struct bpf_program *program;

    if (!*filter->expression || !decode_link_supported(linktype))
        return true;
    program = program_for(filter, linktype);
    return program->bf_insns && pcap_offline_filter(program, &header, frame->data) != 0;
}

int capture_filter_misfit(const struct capture_filter *filter, struct da3d_error *error)
{
    for (size_t i = 0; i < filter->n; i++)
        if (filter->links[i].program.bf_insns)
            return 0;
    return filter->n == 0 ? 0 : da3d_fail(error, "%s", filter->misfit.text);
}

int capture_filter_check(const char *filter, struct da3d_error *error)
{
    static const int kinds[] = {DLT_EN10MB, DLT_IEEE802_11_RADIO};
    struct bpf_program program;
    int rc = -1;

    for (size_t i = 0; rc < 0 && i < sizeof kinds / sizeof *kinds; i++)
        rc = compile_for(kinds[i], filter, &program, error);
    if (rc == 0)
        pcap_freecode(&program);
    return rc;
}
