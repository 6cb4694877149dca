/* kdd.h - the `kdd` feature set: KDD'99's 41 columns over native rows. */
#ifndef FEATURES_KDD_H
#define FEATURES_KDD_H

#include "set.h"

extern const struct feature_set kdd_set;

#endif
