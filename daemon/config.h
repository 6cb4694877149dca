/* config.h - how the service is told to run: da3dd.yaml(5) as a struct. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "meter.h"

enum { CONFIG_INTERFACES_MAX = 64, CONFIG_OUTPUTS_MAX = 16 };

struct config_interface {
    char *name;
    char *filter; /* BPF expression or "" */
    uint32_t snaplen;
    uint32_t buffer_bytes;
    bool promiscuous;
    uint32_t threads; /* that share its flows */
};

struct config_output {
    char *type;                 /* of an output: output.h */
    char *path;                 /* socket or file; NULL where the type has none */
    uint32_t mode;              /* permissions of path */
    char *group;                /* owner of path, NULL: the process's */
    uint32_t queue;             /* lines that may wait for a slow reader */
    bool scores, alerts, stats; /* which events go there */
};

struct config {
    struct config_interface interface[CONFIG_INTERFACES_MAX];
    size_t n_interfaces;
    struct meter_config meter; /* all but its set, which is the model's */
    char *model;
    struct {
        uint32_t queue;   /* flows that may wait to be scored */
        uint32_t batch;   /* flows in one matrix product */
        uint32_t wait_ms; /* how long a flow may wait for others */
    } scoring;
    struct config_output output[CONFIG_OUTPUTS_MAX];
    size_t n_outputs;
    uint32_t stats_interval_s; /* between stats events; 0: none */
};

/* Everything but interfaces, model and outputs, as da3dd.yaml ships it. */
void config_init(struct config *config);
void config_clear(struct config *config);

/* Each adds one with its defaults and returns it; NULL if there are too many or with errno ENOMEM. */
struct config_interface *config_add_interface(struct config *config, const char *name);
struct config_output *config_add_output(struct config *config, const char *type);

#endif
