#include "ctl_client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAIT_S = 30, ANSWER_MAX = 4 << 20, NESTING_MAX = 16 };

int ctl_connect(const char *path, struct da3d_error *error)
{
    const struct timeval wait = {.tv_sec = WAIT_S};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path)
        return da3d_fail(error, "%s: too long for a socket's path", path);
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        da3d_fail(error, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int fail_stream(const char *what, struct da3d_error *error)
{
    if (errno == EAGAIN)
        return da3d_fail(error, "the service does not answer within %d s", WAIT_S);
    return da3d_fail(error, "%s: %s", what, strerror(errno));
}

static int send_all(int fd, const char *line, size_t length, struct da3d_error *error)
{
    while (length > 0) {
        ssize_t n = send(fd, line, length, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return fail_stream("the service cannot be asked", error);
        if (n > 0) {
            line += n;
            length -= (size_t)n;
        }
    }
    return 0;
}

static int send_request(int fd, const struct request *request, struct da3d_error *error)
{
    size_t length;
    char *line = request_line(request, &length);
    int rc = line ? send_all(fd, line, length, error) : da3d_fail(error, "%s", strerror(errno));

    free(line);
    return rc;
}

/* Feeds the tokener until its line ends. Returns the answer, or NULL with *error. */
static struct json_object *receive(int fd, struct json_tokener *tokener, struct da3d_error *error)
{
    struct json_object *object = NULL;
    size_t received = 0;
    char part[4096];

    while (!object) {
        ssize_t n = recv(fd, part, sizeof part, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail_stream("no answer", error);
        else if (n == 0)
            da3d_fail(error, "the service closed the connection");
        if (n <= 0)
            return NULL;
        received += (size_t)n;
        object = json_tokener_parse_ex(tokener, part, (int)n);
        if (!object &&
            (json_tokener_get_error(tokener) != json_tokener_continue || received > ANSWER_MAX)) {
            da3d_fail(error, "the answer is not JSON");
            return NULL;
        }
    }
    return object;
}

/* answer: taken over. */
static struct json_object *result_of(struct json_object *answer, struct da3d_error *error)
{
    struct json_object *ok, *result = NULL, *reason;

    if (json_object_object_get_ex(answer, "ok", &ok) && json_object_get_boolean(ok) &&
        json_object_object_get_ex(answer, "result", &result))
        json_object_get(result);
    else if (json_object_object_get_ex(answer, "error", &reason))
        da3d_fail(error, "%s", json_object_get_string(reason));
    else
        da3d_fail(error, "the answer is not one");
    json_object_put(answer);
    return result;
}

struct json_object *ctl_ask(int fd, const struct request *request, struct da3d_error *error)
{
    struct json_tokener *tokener = json_tokener_new_ex(NESTING_MAX);
    struct json_object *answer = NULL;

    if (!tokener)
        da3d_fail(error, "%s", strerror(errno));
    else if (send_request(fd, request, error) == 0)
        answer = receive(fd, tokener, error);
    if (tokener)
        json_tokener_free(tokener);
    return answer ? result_of(answer, error) : NULL;
}
