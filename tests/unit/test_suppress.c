/* Rules of suppression: what they say, what they match, what is no rule. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/suppress.h"
#include "verdict_sample.h"

static char text_a[64], text_b[64], text_c[64];

/* NULL stays NULL. */
static char *copy(char to[64], const char *text)
{
    return text ? strcpy(to, text) : NULL;
}

static struct config_suppress rule_of(const char *host, const char *network, uint32_t port,
                                      const char *until)
{
    return (struct config_suppress){
        .host = copy(text_a, host),
        .network = copy(text_b, network),
        .port = port,
        .until = copy(text_c, until),
    };
}

/* Is a TCP flow from src to 198.51.100.7 or 2001:db8::7, port 443, suppressed by one rule? */
static bool matches(const struct config_suppress *config, const char *src, int64_t now_s)
{
    struct suppress suppress = {0};
    struct suppress_rule rule;
    struct da3d_error error;
    struct verdict verdict = verdict_sample(NULL, src, 443, 1.0F);

    cr_assert_eq(suppress_parse(config, &rule, &error), 0, "%s", error.text);
    suppress_add(&suppress, &rule);
    return suppress_match(&suppress, &verdict.flow.id, now_s);
}

Test(suppress, matches_either_end_the_port_and_the_time)
{
    static const struct {
        const char *host, *network;
        uint32_t port;
        const char *until;
        const char *src;
        bool matches;
    } rows[] = {
        {"192.0.2.1", NULL, 0, NULL, "192.0.2.1", true},
        {"192.0.2.1", NULL, 0, NULL, "192.0.2.2", false},
        {"198.51.100.7", NULL, 0, NULL, "192.0.2.2", true},
        {NULL, "192.0.2.0/24", 0, NULL, "192.0.2.255", true},
        {NULL, "192.0.2.0/24", 0, NULL, "192.0.3.0", false},
        {NULL, "192.0.2.8/29", 0, NULL, "192.0.2.15", true},
        {NULL, "192.0.2.8/29", 0, NULL, "192.0.2.16", false},
        {NULL, "0.0.0.0/0", 0, NULL, "10.1.2.3", true},
        {NULL, "0.0.0.0/0", 0, NULL, "2001:db8::1", false},
        {NULL, "::/0", 0, NULL, "2001:db8::1", true},
        {NULL, "2001:db8:1::/48", 0, NULL, "2001:db8:1:ffff::1", true},
        {NULL, "2001:db8:1::/48", 0, NULL, "2001:db8:2::1", false},
        {"2001:db8::1", NULL, 0, NULL, "2001:db8::1", true},
        {NULL, "192.0.2.1/32", 0, NULL, "192.0.2.1", true},
        {NULL, NULL, 443, NULL, "10.0.0.1", true},
        {NULL, NULL, 80, NULL, "10.0.0.1", false},
        {"192.0.2.1", "198.51.100.0/24", 443, NULL, "192.0.2.1", true},
        {"192.0.2.1", "203.0.113.0/24", 443, NULL, "192.0.2.1", false},
        {"192.0.2.1", NULL, 80, NULL, "192.0.2.1", false},
        {"192.0.2.1", NULL, 0, "1970-01-01T00:16:41Z", "192.0.2.1", true},
        {"192.0.2.1", NULL, 0, "1970-01-01T00:16:40Z", "192.0.2.1", false},
        {"192.0.2.1", NULL, 0, "1970-01-02", "192.0.2.1", true},
        {"192.0.2.1", NULL, 0, "1970-01-01", "192.0.2.1", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config_suppress config =
            rule_of(rows[i].host, rows[i].network, rows[i].port, rows[i].until);

        cr_expect_eq(matches(&config, rows[i].src, 1000), rows[i].matches, "row %zu", i);
    }
}

Test(suppress, a_port_is_no_icmp_type)
{
    struct suppress suppress = {0};
    struct verdict echo = verdict_sample(NULL, "192.0.2.1", 8, 1.0F);

    suppress_add(&suppress, &(struct suppress_rule){.port = 8, .until_s = INT64_MAX});
    cr_expect(suppress_match(&suppress, &echo.flow.id, 0));
    echo.flow.id.proto = IP_PROTO_ICMP;
    cr_expect_not(suppress_match(&suppress, &echo.flow.id, 0));
}

Test(suppress, says_what_is_no_rule)
{
    static const struct {
        const char *host, *network;
        uint32_t port;
        const char *until, *says;
    } rows[] = {
        {NULL, NULL, 0, NULL, "a host, a network or a port is needed"},
        {NULL, NULL, 0, "2026-12-24", "a host, a network or a port is needed"},
        {NULL, NULL, 65536, NULL, "port: 65536"},
        {"192.0.2", NULL, 0, NULL, "host: '192.0.2' is not an address"},
        {"192.0.2.0/24", NULL, 0, NULL, "host: '192.0.2.0/24' is not an address"},
        {"", NULL, 0, NULL, "host: ''"},
        {NULL, "192.0.2.0", 0, NULL, "network: '192.0.2.0'"},
        {NULL, "192.0.2.0/", 0, NULL, "network: '192.0.2.0/'"},
        {NULL, "192.0.2.0/33", 0, NULL, "network: '192.0.2.0/33'"},
        {NULL, "192.0.2.0/-1", 0, NULL, "network: '192.0.2.0/-1'"},
        {NULL, "192.0.2.0/24x", 0, NULL, "network: '192.0.2.0/24x'"},
        {NULL, "192.0.2.0/18446744073709551617", 0, NULL, "network: "},
        {NULL, "2001:db8::/129", 0, NULL, "network: '2001:db8::/129'"},
        {NULL, "example.org/8", 0, NULL, "network: 'example.org/8'"},
        {"192.0.2.1", NULL, 0, "tomorrow", "until: 'tomorrow'"},
        {"192.0.2.1", NULL, 0, "2026-02-31", "until: '2026-02-31'"},
        {"192.0.2.1", NULL, 0, "2026-12-24T18:00:00", "until: "},
        {"192.0.2.1", NULL, 0, "2026-12-24T18:00:00Zx", "until: "},
        {"192.0.2.1", NULL, 0, "", "until: ''"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config_suppress config =
            rule_of(rows[i].host, rows[i].network, rows[i].port, rows[i].until);
        struct suppress_rule rule;
        struct da3d_error error = {""};

        cr_expect_eq(suppress_parse(&config, &rule, &error), -1, "row %zu", i);
        cr_expect(strstr(error.text, rows[i].says), "row %zu: %s", i, error.text);
    }
}

Test(suppress, a_wrong_configuration_changes_nothing_and_a_right_one_keeps_the_operators_rules)
{
    struct suppress suppress = {0};
    struct config config;
    struct da3d_error error;
    uint32_t id;

    config_init(&config);
    config_add_suppress(&config)->port = 1;
    config_add_suppress(&config)->port = 2;
    cr_assert_eq(suppress_configure(&suppress, &config, &error), 0);
    id = suppress_add(&suppress, &(struct suppress_rule){.port = 3, .until_s = INT64_MAX});
    config_add_suppress(&config);
    cr_expect_eq(suppress_configure(&suppress, &config, &error), -1);
    cr_expect_eq(suppress.n, 3);
    config.n_suppress = 1;
    cr_expect_eq(suppress_configure(&suppress, &config, &error), 0);
    cr_assert_eq(suppress.n, 2);
    cr_expect_eq(suppress.rule[0].id, id);
    cr_expect_eq(suppress.rule[1].port, 1);
    cr_expect(suppress.rule[1].configured);
    config_clear(&config);
}

Test(suppress, rules_are_added_counted_removed_and_expire)
{
    struct suppress suppress = {0};
    struct verdict verdict = verdict_sample(NULL, "192.0.2.1", 443, 1.0F);
    struct suppress_rule rule = {.port = 443, .until_s = 100};
    uint32_t id = suppress_add(&suppress, &rule);

    cr_expect(suppress_match(&suppress, &verdict.flow.id, 50));
    cr_expect(suppress_match(&suppress, &verdict.flow.id, 99));
    cr_expect_not(suppress_match(&suppress, &verdict.flow.id, 100));
    cr_expect_eq(suppress.rule[0].hits, 2);
    suppress_expire(&suppress, 99);
    cr_expect_eq(suppress.n, 1);
    cr_expect_not(suppress_remove(&suppress, id + 1));
    cr_expect(suppress_remove(&suppress, id));
    cr_expect_neq(suppress_add(&suppress, &rule), id);
    suppress_expire(&suppress, 100);
    cr_expect_eq(suppress.n, 0);
    for (size_t i = 0; i < CONFIG_SUPPRESS_MAX; i++)
        cr_expect_neq(suppress_add(&suppress, &rule), 0);
    cr_expect_eq(suppress_add(&suppress, &rule), 0, "there are too many");
}

Test(suppress, networks_are_written_as_they_are_read)
{
    static const char *const texts[] = {"192.0.2.0/24", "2001:db8::/32", "0.0.0.0/0", "::/0"};
    struct suppress_network any = {0};
    char text[SUPPRESS_NETWORK_TEXT];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config_suppress config = rule_of("192.0.2.7", texts[i], 0, NULL);
        struct suppress_rule rule;
        struct da3d_error error;

        cr_assert_eq(suppress_parse(&config, &rule, &error), 0);
        suppress_network_text(&rule.network, text);
        cr_expect_str_eq(text, texts[i]);
        suppress_network_text(&rule.host, text);
        cr_expect_str_eq(text, "192.0.2.7");
    }
    suppress_network_text(&any, text);
    cr_expect_str_eq(text, "");
}
