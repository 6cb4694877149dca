/* meter_settings.h - what of a meter shapes rows: a model keeps it with the rows that it was
 * trained on, and whoever scores takes it from there. */
#ifndef DAEMON_METER_SETTINGS_H
#define DAEMON_METER_SETTINGS_H

#include "core/da3d.h"
#include "meter.h"

/* Left open in a configuration: what the model says. */
enum { METER_OPEN = 0, METER_TUNNELS_OPEN = 1 << TUNNEL_COUNT };

/* Name in a model of how many flows a day its captures had. */
extern const char meter_flows_per_day[];

/* All of them open, the rest as by default; without a set. */
struct meter_config meter_settings_left_open(void);

/* Fills what is left open by the defaults, for training and extraction. */
void meter_settings_default(struct meter_config *config);

/* config: nothing open. For da3d_config.row_settings. */
void meter_settings_keep(const struct meter_config *config, struct row_settings *out);

/* Fills what is left open from the model; what it does not say, by the defaults. Warns once where
 * something is not open and differs. model: its path. Returns 0, or -1 with *error: the model says
 * what cannot be. */
int meter_settings_take(struct meter_config *config, const struct row_settings *from,
                        const char *model, struct da3d_error *error);

#endif
