/* config.h - how the service is told to run: da3dd.yaml(5) as a struct. Each field has its key,
 * with default and range, in config_key.c. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "meter.h"

enum { CONFIG_INTERFACES_MAX = 64, CONFIG_OUTPUTS_MAX = 16, CONFIG_SUPPRESS_MAX = 256 };

struct config_interface {
    char *name;
    char *filter; /* BPF expression or "" */
    uint32_t snaplen;
    uint32_t buffer_bytes;
    bool promiscuous;
    uint32_t threads; /* that share its flows */
};

/* What does not apply to a type is ignored by it. */
struct config_output {
    char *type;     /* "stdout", "socket", "file", "journal" or "syslog": output.h */
    char *path;     /* of socket and file: absolute; NULL where the type has none */
    uint32_t mode;  /* permissions of path */
    char *group;    /* owner of path, NULL: the process's */
    uint32_t queue; /* lines that may wait for a slow reader of a socket */
    uint32_t rate;  /* lines a minute, for journal and syslog; 0: no limit */
    bool scores, alerts, stats, models; /* which events go there */
};

/* Alerts that nobody wants to see: those that match all that is given. Their flows are still
 * scored, and their lines written as scores. */
struct config_suppress {
    char *host;    /* address of either end, "192.0.2.7" or "2001:db8::7"; NULL: any */
    char *network; /* of either end, "192.0.2.0/24" or "2001:db8::/32"; NULL: any */
    uint32_t port; /* the responder's (dest_port); 0: any, also none */
    char *until; /* "2026-12-24T18:00:00Z" or "2026-12-24" (its first second), UTC; NULL: always */
};

struct config {
    struct config_interface interface[CONFIG_INTERFACES_MAX];
    size_t n_interfaces;
    struct meter_config meter; /* all but its set, which is the model's */
    char *model;               /* path; NULL: not given */
    char *marks;               /* file of what operators have marked; NULL: none */
    struct {
        /* Where alerts begin; one of these at most, all 0: where the model says. */
        double threshold;        /* score */
        double target_fpr;       /* share of normal flows that may reach it */
        uint32_t alerts_per_day; /* normal flows that may reach it in a day */
        uint32_t queue;          /* flows that may wait to be scored */
        uint32_t batch;          /* flows in one matrix product */
        uint32_t wait_ms;        /* how long a flow may wait for others */
    } scoring;
    struct config_output output[CONFIG_OUTPUTS_MAX];
    size_t n_outputs;
    struct {
        uint32_t fold_s; /* alerts.fold: seconds in which like alerts are counted, not repeated: the
                          * same source, destination, destination port and protocol; 0: none */
    } alerts;
    struct {
        uint32_t features; /* that an alert names; 0: none */
    } explain;
    struct config_suppress suppress[CONFIG_SUPPRESS_MAX];
    size_t n_suppress;
    struct {
        char *path;    /* of the operator's socket; NULL: none */
        uint32_t mode; /* its permissions */
        char *group;   /* that it belongs to; NULL: the process's */
    } control;
    struct {
        uint64_t window_ns; /* of flows that are held against training; 0: none */
        uint32_t flows;     /* fewer tell nothing */
        double threshold;   /* population stability index */
    } drift;
    struct {
        char *path;             /* file of flows for the next training; NULL: none */
        uint64_t size;          /* bytes, at most */
        bool enabled;           /* flows are taken */
        double host_share;      /* of the slots, that one host may have; 0: all */
        uint64_t quarantine_ns; /* age at which a flow may be trained on */
        uint32_t change_hosts;  /* that alert on a kind of flow before it is learned; 0: never */
        uint64_t horizon_ns;    /* mean age of the flows */
    } spool;
    struct {
        char *path;    /* folder of past models; NULL: "models" beside the live one */
        uint32_t keep; /* models in it */
    } models;
    struct {
        uint32_t interval_s; /* between retrainings that the helper is asked for; 0: none */
        bool on_drift;       /* retrain when the network has changed, too, if there is a spool */
        char *helper;        /* who trains: "on", "off", "auto": helper.h */
        char *request;       /* file whose change is a request to train; NULL: none */
        double golden;       /* share of the rows, the newest, that judge the new model */
        uint32_t budget;     /* alerts on them, in promises */
        double tolerance;    /* share of anomalies that may be missed beyond the live model's */
        char *start;         /* "scratch" or "warm": from the live model's parameters */
        char *known;         /* file of anomalies that must be found still; NULL: none */
        uint64_t span_ns;    /* that the spool's flows must tell of */
        uint32_t time_s;     /* that a training may take */
        uint64_t memory;     /* bytes, of the helper's */
    } retrain;
    uint32_t stats_interval_s; /* between stats events; 0: none */
    struct {
        char *user;  /* that the service becomes when it was started as root; NULL: nobody else */
        bool reopen; /* capture threads keep CAP_NET_RAW, to open an interface anew */
        bool seccomp, landlock; /* filters of system calls and of files */
    } privileges;
};

/* The defaults; no interfaces, model, outputs or suppress rules. Returns 0, or -1 with errno
 * ENOMEM; to be cleared in both cases. */
int config_init(struct config *config);
void config_clear(struct config *config);

/* Each adds one with its defaults (of an output: by its type) and returns it; NULL with errno E2BIG
 * or ENOMEM. */
struct config_interface *config_add_interface(struct config *config, const char *name);
struct config_output *config_add_output(struct config *config, const char *type);
struct config_suppress *config_add_suppress(struct config *config);

#endif
