/* modes.h - what da3dd can be told to do, each from the parsed options to an exit status. What a
 * mode prints is flushed, and its end checked, by main(). */
#ifndef DAEMON_MODES_H
#define DAEMON_MODES_H

#include "cli.h"
#include "store.h"

int mode_train(const struct options *options);
int mode_score(const struct options *options, const struct stored_model *stored);
int mode_table_score(const struct options *options, const struct stored_model *stored);
int mode_eval(const struct options *options, const struct stored_model *stored);
int mode_explain(const struct options *options, const struct stored_model *stored);
int mode_extract(const struct options *options);
int mode_list_features(const struct options *options);
int mode_service(const struct options *options);
int mode_retrain(const struct options *options);
int mode_promote(const struct options *options);
int mode_rollback(const struct options *options);
int mode_test_config(const struct options *options);
int mode_dump_config(const struct options *options);

#endif
