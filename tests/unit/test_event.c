/* Fields of an event that captures seldom show; tests/integration/events.sh has the rest. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"

static bool vlan_is(uint16_t outer, uint16_t inner, const char *expected)
{
    const struct event_source source = {.host = "sensor", .model = "m", .feature_set = "flow-v1"};
    const struct flow flow = {.id = {.vlan = {outer, inner}, .ip_version = 4}};
    const struct da3d_score score = {0};
    const struct event_flow event = {.flow = &flow, .score = &score};
    size_t length;
    char *line = event_line(&source, &event, &length);
    const char *vlan = line ? strstr(line, "\"vlan\":") : NULL;
    bool is = line && (vlan ? strncmp(vlan + strlen("\"vlan\":"), expected, strlen(expected)) == 0
                            : strcmp(expected, "none") == 0);

    free(line);
    return is;
}

Test(event, vlan_ids_without_priority_tags)
{
    cr_expect(vlan_is(0, 0, "none"));
    cr_expect(vlan_is(7, 0, "[7]"));
    cr_expect(vlan_is(7, 8, "[7,8]"));
    cr_expect(vlan_is(0, 8, "[8]"));
}
