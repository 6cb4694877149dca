/* What da3ddctl sends is what the service reads; anything else is refused with the reason. */
#include "daemon/request.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static int parse(const char *text, struct request *out, struct da3d_error *error)
{
    return request_parse(text, strlen(text), out, error);
}

Test(request, every_field)
{
    struct da3d_error error = {""};
    struct request request;

    cr_assert_eq(
        parse("{\"command\":\"x y\",\"host\":\"192.0.2.1\",\"network\":\"::/0\",\"port\":443,"
              "\"until\":\"2026-12-24\",\"id\":4294967295,\"score\":0.5,\"logit\":-3,"
              "\"limit\":7,\"flow_id\":9007199254740991,\"as\":\"benign\"}",
              &request, &error),
        0, "%s", error.text);
    cr_expect_str_eq(request.command, "x y");
    cr_expect_str_eq(request.host, "192.0.2.1");
    cr_expect_str_eq(request.network, "::/0");
    cr_expect_str_eq(request.until, "2026-12-24");
    cr_expect_eq(request.port, 443);
    cr_expect_eq(request.id, UINT32_MAX);
    cr_expect_eq(request.limit, 7);
    cr_expect_eq(request.flow_id, 9007199254740991U);
    cr_expect_str_eq(request.as, "benign");
    cr_expect_eq(request.score, 0.5);
    cr_expect_eq(request.logit, -3.0);
    cr_expect_eq(request.given, 0x3ff);
}

Test(request, what_is_refused)
{
    static const char *const cases[][2] = {
        {"", "not JSON"},
        {"{", "not JSON"},
        {"{\"command\":\"stats\"} x", "not JSON"},
        {"{\"command\":\"stats\"}{}", "not JSON"},
        {"{'command':'stats'}", "not JSON"},
        {"{\"command\":\"\xff\"}", "not JSON"},
        {"{\"command\":[[[[1]]]]}", "not JSON"},
        {"[]", "not a JSON object"},
        {"\"stats\"", "not a JSON object"},
        {"null", "not JSON"},
        {"{}", "there is no command"},
        {"{\"command\":\"\"}", "command: is empty"},
        {"{\"command\":7}", "command: a text is expected"},
        {"{\"command\":null}", "command: a text is expected"},
        {"{\"command\":\"a\\u0000b\"}", "command: a text is expected"},
        {"{\"command\":\"a\\nb\"}", "command: longer than 31 characters, or not printable"},
        {"{\"command\":\"0123456789012345678901234567890123456789\"}",
         "command: longer than 31 characters, or not printable"},
        {"{\"command\":\"x\",\"hots\":\"y\"}", "hots: there is no such field"},
        {"{\"command\":\"x\",\"a\\nb\":\"y\"}", "the name of a field is not printable"},
        {"{\"command\":\"x\",\"host\":1}", "host: a text is expected"},
        {"{\"command\":\"x\",\"host\":{}}", "host: a text is expected"},
        {"{\"command\":\"x\",\"port\":\"80\"}", "port: a number is expected"},
        {"{\"command\":\"x\",\"port\":0}", "port: a whole number from 1 to 65535"},
        {"{\"command\":\"x\",\"port\":65536}", "port: a whole number from 1 to 65535"},
        {"{\"command\":\"x\",\"port\":1.5}", "port: a whole number from 1 to 65535"},
        {"{\"command\":\"x\",\"port\":-1}", "port: a whole number from 1 to 65535"},
        {"{\"command\":\"x\",\"port\":1e400}", "port: a whole number from 1 to 65535"},
        {"{\"command\":\"x\",\"port\":true}", "port: a number is expected"},
        {"{\"command\":\"x\",\"score\":1}", "score: a number between 0 and 1"},
        {"{\"command\":\"x\",\"score\":0}", "score: a number between 0 and 1"},
        {"{\"command\":\"x\",\"logit\":1e99}", "logit: a number is expected"},
        {"{\"command\":\"x\",\"limit\":257}", "limit: a whole number from 1 to 256"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct da3d_error error = {""};
        struct request request;

        cr_expect_eq(parse(cases[i][0], &request, &error), -1, "%s", cases[i][0]);
        cr_expect(strstr(error.text, cases[i][1]), "%s: %s", cases[i][0], error.text);
    }
}

Test(request, a_line_that_is_too_long)
{
    static char line[REQUEST_LINE_MAX + 2];
    struct da3d_error error = {""};
    struct request request;

    memset(line, ' ', sizeof line - 1);
    memcpy(line, "{\"command\":\"x\"}", 15);
    cr_expect_eq(request_parse(line, REQUEST_LINE_MAX + 1, &request, &error), -1);
    cr_expect(strstr(error.text, "longer than 4096 bytes"), "%s", error.text);
}

Test(request, what_is_typed_arrives)
{
    struct request typed = {.command = "suppress add"}, arrived;
    struct da3d_error error = {""};
    size_t length;
    char *line;

    cr_expect_eq(request_set(&typed, "host", "2001:db8::\"7\\", &error), 0);
    cr_expect_eq(request_set(&typed, "port", "25", &error), 0);
    cr_expect_eq(request_set(&typed, "score", "98.7654321%", &error), 0);
    cr_expect_eq(request_set(&typed, "logit", "-0.1", &error), 0);
    line = request_line(&typed, &length);
    cr_assert_not_null(line);
    cr_expect_eq(line[length - 1], '\n');
    cr_assert_eq(request_parse(line, length - 1, &arrived, &error), 0, "%s", error.text);
    cr_expect_eq(memcmp(&typed, &arrived, sizeof typed), 0, "%s", line);
    free(line);
}

Test(request, what_is_typed_wrong)
{
    static const char *const cases[][3] = {
        {"hots", "x", "hots: there is no such field"},
        {"host", "", "host: is empty"},
        {"port", "80x", "port: '80x' is not a number"},
        {"port", "", "port: '' is not a number"},
        {"port", "80%", "port: '80%' is not a number"},
        {"score", "101%", "between 0 and 1"},
        {"score", "nan", "between 0 and 1"},
        {"logit", "inf", "a number is expected"},
        {"id", "1", "id: is given twice"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request request = {.given = REQUEST_ID};
        struct da3d_error error = {""};

        cr_expect_eq(request_set(&request, cases[i][0], cases[i][1], &error), -1);
        cr_expect(strstr(error.text, cases[i][2]), "%s", error.text);
    }
}
