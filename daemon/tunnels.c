#include "tunnels.h"

#include <string.h>

/* Returns TUNNEL_COUNT if there is none of that name, of length bytes. */
static enum tunnel_kind find_tunnel(const char *name, size_t length)
{
    enum tunnel_kind kind = 0;

    while (kind < TUNNEL_COUNT && (strlen(decode_tunnel_name(kind)) != length ||
                                   strncmp(decode_tunnel_name(kind), name, length) != 0))
        kind++;
    return kind;
}

int tunnels_parse(const char *text, unsigned *out, struct da3d_error *error)
{
    size_t length = strcspn(text, ",");
    enum tunnel_kind kind;

    *out = strcmp(text, "inner") == 0 ? TUNNELS_ALL : TUNNELS_NONE;
    if (*out == TUNNELS_ALL || strcmp(text, "outer") == 0)
        return 0;
    for (;; text += length + 1, length = strcspn(text, ",")) {
        kind = find_tunnel(text, length);
        if (kind == TUNNEL_COUNT)
            return da3d_fail(error,
                             "'%.*s' is not inner, outer, or one of gre, ipip, 6in4, vxlan, "
                             "geneve, gtp, teredo, mpls",
                             length < 64 ? (int)length : 64, text);
        *out |= 1U << kind;
        if (text[length] == '\0')
            return 0;
    }
}

void tunnels_text(unsigned tunnels, char out[TUNNELS_TEXT])
{
    strcpy(out, tunnels == TUNNELS_ALL ? "inner" : "");
    for (enum tunnel_kind kind = 0; tunnels != TUNNELS_ALL && kind < TUNNEL_COUNT; kind++) {
        if (!(tunnels & 1U << kind))
            continue;
        if (*out)
            strcat(out, ",");
        strcat(out, decode_tunnel_name(kind));
    }
    if (!*out)
        strcpy(out, "outer");
}
