#include "kdd_columns.h"

#include "conn_state.h"
#include "service.h"

static const char *const protocols[KDD_PROTOCOL_COUNT] = {"icmp", "tcp", "udp"};

#define LEE_STOLFO "Lee and Stolfo (2000), KDD'99"

#define NUMBER(a_name, a_unit, a_definition)                                                       \
    {                                                                                              \
        .name = (a_name), .unit = (a_unit), .definition = (a_definition), .source = LEE_STOLFO     \
    }
#define CATEGORY(a_name, a_definition, a_source, a_values, n)                                      \
    {                                                                                              \
        .name = (a_name), .unit = "category", .definition = (a_definition), .source = (a_source),  \
        .values = (a_values), .n_values = (n)                                                      \
    }
#define RATE(a_name, a_definition) NUMBER(a_name, "1", a_definition)

/* The windows count the row itself, so that no share is without a whole. */
#define IN_2S      "rows that ended within 2 s, this one included"
#define OF_HOST    "last 100 rows to the same responder, this one included"
#define SYN_ERROR  "a SYN error (flag S0, S1, S2 or S3)"
#define REFUSED    "a rejected SYN (flag REJ)"
#define CLEAR_TEXT " in FTP, Telnet, SMTP, POP3, IMAP or HTTP in clear text."

const struct feature_column kdd_columns[KDD_N_COLUMNS] = {
    [KDD_DURATION] = NUMBER("duration", "s",
                            "Whole seconds from the row's first packet to its "
                            "latest."),
    [KDD_PROTOCOL_TYPE] =
        CATEGORY("protocol_type", "Transport protocol; icmp includes ICMPv6; other: none of these.",
                 LEE_STOLFO, protocols, KDD_PROTOCOL_COUNT),
    [KDD_SERVICE] =
        CATEGORY("service",
                 "By the responder's TCP or UDP port (ftp_data: by the originator's "
                 "too), private from 49152; by ICMP type and code.",
                 "KDD'99; ports after kdd99_feature_extractor", service_names, SERVICE_COUNT),
    [KDD_FLAG] =
        CATEGORY("flag", "How the connection went, as Zeek's conn_state; SF for all but TCP.",
                 "KDD'99; Zeek", conn_state_names, CONN_STATE_COUNT),
    [KDD_SRC_BYTES] = NUMBER("src_bytes", "bytes", "Transport payload sent by the originator."),
    [KDD_DST_BYTES] = NUMBER("dst_bytes", "bytes", "Transport payload sent by the responder."),
    [KDD_LAND] = NUMBER("land", "0/1", "Both ends have the same address and port."),
    [KDD_WRONG_FRAGMENT] =
        NUMBER("wrong_fragment", "packets",
               "Fragments that overlap the first, run past 65535 bytes, or are not the last and no "
               "multiple of 8 bytes long."),
    [KDD_URGENT] = NUMBER("urgent", "packets", "TCP packets with the flag URG."),
    [KDD_HOT] = NUMBER("hot", "1", "Actions on sensitive files and directories" CLEAR_TEXT),
    [KDD_NUM_FAILED_LOGINS] = NUMBER("num_failed_logins", "1", "Failed logins" CLEAR_TEXT),
    [KDD_LOGGED_IN] = NUMBER("logged_in", "0/1", "A login succeeded" CLEAR_TEXT),
    [KDD_NUM_COMPROMISED] =
        NUMBER("num_compromised", "1", "Signs of a compromise, such as missing files" CLEAR_TEXT),
    [KDD_ROOT_SHELL] = NUMBER("root_shell", "0/1", "A root shell was obtained" CLEAR_TEXT),
    [KDD_SU_ATTEMPTED] = NUMBER("su_attempted", "0/1", "The command su root was given" CLEAR_TEXT),
    [KDD_NUM_ROOT] = NUMBER("num_root", "1", "Accesses as root" CLEAR_TEXT),
    [KDD_NUM_FILE_CREATIONS] = NUMBER("num_file_creations", "1", "Files created" CLEAR_TEXT),
    [KDD_NUM_SHELLS] = NUMBER("num_shells", "1", "Shell prompts" CLEAR_TEXT),
    [KDD_NUM_ACCESS_FILES] =
        NUMBER("num_access_files", "1", "Operations on files that control access" CLEAR_TEXT),
    [KDD_NUM_OUTBOUND_CMDS] =
        NUMBER("num_outbound_cmds", "1", "Outbound commands in an FTP session."),
    [KDD_IS_HOST_LOGIN] =
        NUMBER("is_host_login", "0/1", "The login is on the hot list: root, adm" CLEAR_TEXT),
    [KDD_IS_GUEST_LOGIN] =
        NUMBER("is_guest_login", "0/1", "The login is a guest's: guest, anonymous" CLEAR_TEXT),
    [KDD_COUNT] = NUMBER("count", "rows", "To the same responder, of " IN_2S "."),
    [KDD_SRV_COUNT] = NUMBER("srv_count", "rows", "To the same service, of " IN_2S "."),
    [KDD_SERROR_RATE] = RATE("serror_rate", "Share of count with " SYN_ERROR "."),
    [KDD_SRV_SERROR_RATE] = RATE("srv_serror_rate", "Share of srv_count with " SYN_ERROR "."),
    [KDD_RERROR_RATE] = RATE("rerror_rate", "Share of count with " REFUSED "."),
    [KDD_SRV_RERROR_RATE] = RATE("srv_rerror_rate", "Share of srv_count with " REFUSED "."),
    [KDD_SAME_SRV_RATE] = RATE("same_srv_rate", "Share of count to the same service."),
    [KDD_DIFF_SRV_RATE] = RATE("diff_srv_rate", "Share of count to other services."),
    [KDD_SRV_DIFF_HOST_RATE] =
        RATE("srv_diff_host_rate", "Share of srv_count to other responders."),
    [KDD_DST_HOST_COUNT] = NUMBER("dst_host_count", "rows", "The " OF_HOST "."),
    [KDD_DST_HOST_SRV_COUNT] =
        NUMBER("dst_host_srv_count", "rows", "To the same service, of the " OF_HOST "."),
    [KDD_DST_HOST_SAME_SRV_RATE] =
        RATE("dst_host_same_srv_rate", "Share of dst_host_count to the same service."),
    [KDD_DST_HOST_DIFF_SRV_RATE] =
        RATE("dst_host_diff_srv_rate", "Share of dst_host_count to other services."),
    [KDD_DST_HOST_SAME_SRC_PORT_RATE] =
        RATE("dst_host_same_src_port_rate",
             "Share of dst_host_count from the same port of the originator."),
    [KDD_DST_HOST_SRV_DIFF_HOST_RATE] =
        RATE("dst_host_srv_diff_host_rate",
             "Share to other responders, of the last 100 rows to the same service, this one "
             "included."),
    [KDD_DST_HOST_SERROR_RATE] =
        RATE("dst_host_serror_rate", "Share of dst_host_count with " SYN_ERROR "."),
    [KDD_DST_HOST_SRV_SERROR_RATE] =
        RATE("dst_host_srv_serror_rate", "Share of dst_host_srv_count with " SYN_ERROR "."),
    [KDD_DST_HOST_RERROR_RATE] =
        RATE("dst_host_rerror_rate", "Share of dst_host_count with " REFUSED "."),
    [KDD_DST_HOST_SRV_RERROR_RATE] =
        RATE("dst_host_srv_rerror_rate", "Share of dst_host_srv_count with " REFUSED "."),
};
