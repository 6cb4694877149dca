/* Addresses, protocols and times as text. */
#include <criterion/criterion.h>
#include <string.h>

#include "daemon/text.h"

Test(text, times_are_utc_with_microseconds)
{
    char text[TEXT_TIME];

    text_time(0, text);
    cr_expect_str_eq(text, "1970-01-01T00:00:00.000000+0000");
    text_time(1763941732123456789, text);
    cr_expect_str_eq(text, "2025-11-23T23:48:52.123456+0000");
    text_time(-1, text);
    cr_expect_str_eq(text, "1969-12-31T23:59:59.999999+0000");
}

Test(text, epochs_keep_every_nanosecond)
{
    char text[TEXT_TIME];

    text_epoch(1763941732000000001, text);
    cr_expect_str_eq(text, "1763941732.000000001");
    text_epoch(0, text);
    cr_expect_str_eq(text, "0.000000000");
}

Test(text, epochs_before_1970_are_negative_numbers)
{
    char text[TEXT_TIME];

    text_epoch(-1, text);
    cr_expect_str_eq(text, "-0.000000001");
    text_epoch(-1500000000, text);
    cr_expect_str_eq(text, "-1.500000000");
    text_epoch(INT64_MIN, text);
    cr_expect_str_eq(text, "-9223372036.854775808");
}

Test(text, times_at_the_bounds_of_a_capture_fit)
{
    char text[TEXT_TIME];

    text_time(INT64_C(1) << 62, text);
    cr_expect_str_eq(text, "2116-02-20T23:53:38.427387+0000");
    text_time(-(INT64_C(1) << 62), text);
    cr_expect_str_eq(text, "1823-11-12T00:06:21.572612+0000");
}

Test(text, addresses)
{
    struct ip_addr v4 = {{192, 0, 2, 1}};
    struct ip_addr v6 = {{0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
    char text[TEXT_ADDR];

    text_addr(&v4, 4, text);
    cr_expect_str_eq(text, "192.0.2.1");
    text_addr(&v6, 6, text);
    cr_expect_str_eq(text, "2001:db8::1");
}

Test(text, protocols)
{
    char text[TEXT_PROTO];

    text_proto(6, text);
    cr_expect_str_eq(text, "TCP");
    text_proto(58, text);
    cr_expect_str_eq(text, "IPv6-ICMP");
    text_proto(47, text);
    cr_expect_str_eq(text, "47");
}
