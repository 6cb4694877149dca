/* doh.h - the 29 numeric columns of CIRA-CIC-DoHBrw-2020 (DoHMeter), over native rows: lengths are
 * IP datagrams', times integer nanoseconds, 'sent' is from the originator. */
#ifndef FEATURES_DOH_H
#define FEATURES_DOH_H

#include "set.h"

extern const struct feature_set doh_set;

#endif
