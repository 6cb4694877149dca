/* service.h - the service's parts. Private to service*.c. */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include "alerts.h"
#include "archive.h"
#include "budget.h"
#include "config.h"
#include "console.h"
#include "drift_watch.h"
#include "judge.h"
#include "loop.h"
#include "models.h"
#include "notify.h"
#include "output.h"
#include "privileges.h"
#include "sensor.h"
#include "settings.h"

enum { SENSORS_MAX = 256 };

struct service {
    const struct options *options; /* borrowed */
    struct config config;          /* in use */
    struct meter_config meter;     /* what it leaves open is of the model that it started with */
    struct loop *loop;
    struct loop_watch *verdicts_ready;
    struct judge_model *model; /* that the service starts with; NULL once the judge has it */
    struct sensor *sensor[SENSORS_MAX];
    const char *interface[SENSORS_MAX]; /* by sensor */
    size_t n_sensors;
    uint32_t first_group; /* of fanout; by chance, lest another da3dd share our flows */
    size_t n_running;
    struct judge *judge;
    struct outputs *outputs;
    struct alerts *alerts;
    struct archive *archive;
    struct stats_sources parts; /* the above, for those who look at them */
    int helper;                 /* of models; -1: none, or theirs already */
    struct models *models;
    struct console *console;
    struct budget *budget;
    struct drift_watch *drift;
    struct notify *notify;
    struct confinement confinement; /* once it is in force */
    struct verdict verdicts[JUDGE_TAKE_MAX];
};

/* config's model, of flows of that set; NULL: of any. Returns NULL with the reason logged and in
 * *error. */
struct judge_model *service_load_model(const struct config *config, const struct feature_set *set,
                                       struct da3d_error *error);

const struct row_settings *service_row_settings(const struct judge_model *model);

/* What meter leaves open is as the model's flows were made. path: the model's. Returns 0, or -1
 * with the reason logged and in *error. */
int service_take_meter_settings(struct meter_config *meter, const struct judge_model *model,
                                const char *path, struct da3d_error *error);

/* The live model's file has changed; ctx: the service. Returns 0, or -1 with the reason logged and
 * the model as it was. */
int service_load_live(void *ctx);

/* Opens files anew and loads the configuration; ctx: the service. Returns 0, or -1 with the reasons
 * logged, the first one also in *first, and the configuration and the model as they were. */
int service_reload(void *ctx, struct da3d_error *first);

/* Returns how many there were. */
size_t service_take_verdicts(struct service *s);

/* Ends what start() has started, and takes what comes of it, within seconds. */
void service_stop(struct service *s);

#endif
