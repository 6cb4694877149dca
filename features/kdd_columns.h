/* kdd_columns.h - the 41 columns of KDD'99, under NSL-KDD's names and in its order. */
#ifndef FEATURES_KDD_COLUMNS_H
#define FEATURES_KDD_COLUMNS_H

#include "set.h"

enum kdd_column {
    KDD_DURATION,
    KDD_PROTOCOL_TYPE, /* enum kdd_protocol, or KDD_PROTOCOL_COUNT for any other */
    KDD_SERVICE,       /* enum service */
    KDD_FLAG,          /* enum conn_state */
    KDD_SRC_BYTES,
    KDD_DST_BYTES,
    KDD_LAND,
    KDD_WRONG_FRAGMENT,
    KDD_URGENT,
    KDD_HOT,
    KDD_NUM_FAILED_LOGINS,
    KDD_LOGGED_IN,
    KDD_NUM_COMPROMISED,
    KDD_ROOT_SHELL,
    KDD_SU_ATTEMPTED,
    KDD_NUM_ROOT,
    KDD_NUM_FILE_CREATIONS,
    KDD_NUM_SHELLS,
    KDD_NUM_ACCESS_FILES,
    KDD_NUM_OUTBOUND_CMDS,
    KDD_IS_HOST_LOGIN,
    KDD_IS_GUEST_LOGIN,
    KDD_COUNT,
    KDD_SRV_COUNT,
    KDD_SERROR_RATE,
    KDD_SRV_SERROR_RATE,
    KDD_RERROR_RATE,
    KDD_SRV_RERROR_RATE,
    KDD_SAME_SRV_RATE,
    KDD_DIFF_SRV_RATE,
    KDD_SRV_DIFF_HOST_RATE,
    KDD_DST_HOST_COUNT,
    KDD_DST_HOST_SRV_COUNT,
    KDD_DST_HOST_SAME_SRV_RATE,
    KDD_DST_HOST_DIFF_SRV_RATE,
    KDD_DST_HOST_SAME_SRC_PORT_RATE,
    KDD_DST_HOST_SRV_DIFF_HOST_RATE,
    KDD_DST_HOST_SERROR_RATE,
    KDD_DST_HOST_SRV_SERROR_RATE,
    KDD_DST_HOST_RERROR_RATE,
    KDD_DST_HOST_SRV_RERROR_RATE,
    KDD_N_COLUMNS
};

/* In ascending order by strcmp(), as a schema's categories are. */
enum kdd_protocol { KDD_ICMP, KDD_TCP, KDD_UDP, KDD_PROTOCOL_COUNT };

/* As the native row rule fills them. */
extern const struct feature_column kdd_columns[KDD_N_COLUMNS];

#endif
