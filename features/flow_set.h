/* flow_set.h - the daemon's default set: the `doh` columns, protocol and TCP state, and what the
 * rows around a flow tell. */
#ifndef FEATURES_FLOW_SET_H
#define FEATURES_FLOW_SET_H

#include "set.h"

extern const struct feature_set flow_feature_set;

#endif
