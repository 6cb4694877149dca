/* host_rates.h - which hosts alert more often than chance explains. A threshold lets a share of all
 * normal flows alert, so that a busy host's single alert says nothing of it.
 *
 * Flows and alerts are counted by host, and halve with time. A host stands out where it has more
 * alerts than expected by three standard deviations of a Poisson count. Expected is the share that
 * the threshold lets through of normal flows, or that the other hosts have, whichever is more: a
 * model that has grown old makes all hosts alert. Others' alerts count where they had flows lately
 * that did not: behind the invented sources of a flood nobody hides. The table is of one size; the
 * host with the fewest flows gives way. */
#ifndef DAEMON_HOST_RATES_H
#define DAEMON_HOST_RATES_H

#include <stdbool.h>
#include <stdint.h>

enum { HOST_RATES_MAX = 4096 }; /* hosts that are counted at a time */

struct host_rates;

/* Returns NULL with errno ENOMEM. */
struct host_rates *host_rates_new(void);
void host_rates_free(struct host_rates *rates); /* NULL-safe */

/* A flow of the host's, below the threshold. key: a hash that nobody foresees. half_ns: the time
 * in which counts halve, positive. */
void host_rates_flow(struct host_rates *rates, uint64_t key, int64_t now_ns, int64_t half_ns);

/* One that alerts; share: of the normal flows that do so, too. Returns whether the host stands
 * out. */
bool host_rates_alert(struct host_rates *rates, uint64_t key, double share, int64_t now_ns,
                      int64_t half_ns);

/* What alerts is asked anew: alerts that were raised until now are flows like others. */
void host_rates_forgive(struct host_rates *rates);

#endif
