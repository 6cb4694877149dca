#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "acceptor.h"
#include "json.h"
#include "log.h"
#include "unix_listener.h"

struct client {
    struct control *control; /* NULL: this place is free */
    int fd;
    struct loop_watch *readable; /* awake while it has nothing to do but to wait for a request */
    struct loop_watch *writable; /* awake while an answer or another request waits */
    char line[REQUEST_LINE_MAX + 1];
    size_t n_line; /* bytes received that have not been answered */
    char *answer;  /* NULL: none waits */
    size_t answer_length, answer_at;
    uint64_t turn; /* control.turn when it was served last */
};

struct control {
    struct control_config config;
    struct loop *loop;
    struct unix_listener listener;
    struct acceptor acceptor;
    struct client client[CONTROL_CLIENTS_MAX];
    uint64_t turn; /* counts what clients do */
};

static void client_close(struct client *client)
{
    loop_unwatch(client->readable);
    loop_unwatch(client->writable);
    close(client->fd);
    free(client->answer);
    client->control = NULL;
}

static const struct control_command *find_command(const struct control_config *config,
                                                  const char *name)
{
    for (size_t i = 0; i < config->n_commands; i++)
        if (strcmp(config->commands[i].name, name) == 0)
            return &config->commands[i];
    return NULL;
}

static void log_change(const struct client *client, const struct request *request)
{
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t size = sizeof peer;
    size_t length = 0;
    char *line = request_line(request, &length);

    getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    log_info("control: user %ld, process %ld asks for %.*s", (long)peer.uid, (long)peer.pid,
             (int)(length > 0 ? length - 1 : 0), line ? line : "");
    free(line);
}

static int check_fields(const struct control_command *command, const struct request *request,
                        struct da3d_error *error)
{
    const unsigned beyond = request->given & ~command->takes;

    if (beyond)
        return da3d_fail(error, "'%s' takes no %s", command->name,
                         request_field_name((enum request_field)(beyond & -beyond)));
    return 0;
}

static int execute(const struct client *client, size_t length, struct json_object *result,
                   struct da3d_error *error)
{
    const struct control_config *config = &client->control->config;
    const struct control_command *command;
    struct request request;

    if (request_parse(client->line, length, &request, error) < 0)
        return -1;
    command = find_command(config, request.command);
    if (!command)
        return da3d_fail(error, "there is no command '%s'", request.command);
    if (check_fields(command, &request, error) < 0)
        return -1;
    if (command->changes)
        log_change(client, &request);
    return command->call(config->ctx, &request, result, error);
}

/* Answers the request in the first length bytes of its line. */
static void answer(struct client *client, size_t length)
{
    struct json_object *object = json_object_new_object(), *result = json_object_new_object();
    struct da3d_error error = {""};
    const int rc = execute(client, length, result, &error);

    json_add_flag(object, "ok", rc == 0);
    if (rc == 0)
        json_object_object_add(object, "result", json_object_get(result));
    else
        json_add_string(object, "error", error.text);
    client->answer = json_line(object, &client->answer_length);
    client->answer_at = 0;
    json_object_put(result);
    json_object_put(object);
}

/* Answers one line, if there is one: others have their turn too. Returns 0, or -1: it cannot be
 * served any more. */
static int take_line(struct client *client)
{
    const char *end = memchr(client->line, '\n', client->n_line);
    size_t length = end ? (size_t)(end - client->line) : client->n_line;

    if (!end && client->n_line < sizeof client->line)
        return 0;
    answer(client, length); /* what is too long is answered so */
    length += end != NULL;
    client->n_line -= length;
    memmove(client->line, client->line + length, client->n_line);
    return client->answer ? 0 : -1;
}

/* As much as it takes now. Returns 0, or -1: it is gone. */
static int send_answer(struct client *client)
{
    ssize_t sent = send(client->fd, client->answer + client->answer_at,
                        client->answer_length - client->answer_at, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    client->answer_at += (size_t)sent;
    if (client->answer_at == client->answer_length) {
        free(client->answer);
        client->answer = NULL;
    }
    return 0;
}

static void serve(struct client *client)
{
    bool busy;

    client->turn = ++client->control->turn;
    if ((!client->answer && take_line(client) < 0) || (client->answer && send_answer(client) < 0)) {
        client_close(client);
        return;
    }
    busy = client->answer || memchr(client->line, '\n', client->n_line);
    loop_rest(client->readable, busy);
    loop_rest(client->writable, !busy);
}

static void on_writable(void *ctx)
{
    serve(ctx);
}

static void on_readable(void *ctx)
{
    struct client *client = ctx;
    ssize_t n = recv(client->fd, client->line + client->n_line,
                     sizeof client->line - client->n_line, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        client_close(client);
        return;
    }
    client->n_line += (size_t)n;
    serve(client);
}

/* A free one, or that of the client that has been silent longest, which is closed. */
static struct client *place_for_client(struct control *control)
{
    struct client *place = &control->client[0];

    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->client[i];

        if (!client->control)
            return client;
        if (client->turn < place->turn)
            place = client;
    }
    client_close(place);
    return place;
}

static void on_connection(void *ctx)
{
    struct control *control = ctx;
    int fd = unix_listener_accept(&control->listener);
    struct client *client;

    if (fd < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            acceptor_pause(&control->acceptor);
        return;
    }
    client = place_for_client(control);
    *client = (struct client){.control = control, .fd = fd, .turn = ++control->turn};
    client->readable = loop_fd(control->loop, fd, LOOP_READ, on_readable, client);
    client->writable = loop_fd(control->loop, fd, LOOP_WRITE, on_writable, client);
    if (client->readable && client->writable)
        loop_rest(client->writable, true);
    else
        client_close(client);
}

static int control_init(struct control *control, const struct control_config *config,
                        struct loop *loop, struct da3d_error *error)
{
    control->config = *config;
    control->loop = loop;
    control->listener.fd = -1;
    if (config->inherited >= 0
            ? unix_listener_inherit(&control->listener, config->inherited, error) < 0
            : unix_listener_open(&control->listener, config->path, &config->permissions, error) < 0)
        return -1;
    if (acceptor_open(&control->acceptor, loop, control->listener.fd, on_connection, control) < 0)
        return da3d_fail(error, "%s", strerror(errno));
    return 0;
}

struct control *control_open(const struct control_config *config, struct loop *loop,
                             struct da3d_error *error)
{
    struct control *control = calloc(1, sizeof *control);

    if (!control) {
        da3d_fail(error, "%s", strerror(errno));
        return NULL;
    }
    if (control_init(control, config, loop, error) < 0) {
        control_close(control);
        return NULL;
    }
    return control;
}

void control_close(struct control *control)
{
    if (!control)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->client[i].control)
            client_close(&control->client[i]);
    acceptor_close(&control->acceptor);
    unix_listener_close(&control->listener);
    free(control);
}
