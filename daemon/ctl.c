/* da3ddctl: the operator's hand on a running da3dd. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "ctl_client.h"
#include "ctl_print.h"
#include "version.h"

#define DEFAULT_SOCKET "/run/da3dd/control.sock"

enum { EXIT_USAGE = 2, REDRAW_S = 2 };

/* A command as it is typed. Further words are FIELD=VALUE. */
struct command {
    const char *words;   /* as the service knows it */
    const char *change;  /* as it knows it where fields follow; NULL: likewise */
    const char *operand; /* fields of the words that may stand alone, in turn; NULL: none */
    ctl_printer *print;
    const char *usage; /* what may follow */
    const char *help;
};

/* Of two that begin alike, the longer one comes first. */
/* clang-format off */
static const struct command commands[] = {
    {"status", NULL, NULL, ctl_print_status, "", "how the service is"},
    {"stats", NULL, NULL, ctl_print_stats, "", "everything that it counts"},
    {"reload", NULL, NULL, ctl_print_done, "", "open files anew, load configuration and model"},
    {"reopen", NULL, NULL, ctl_print_done, "", "open files anew, after they were rotated"},
    {"threshold default", NULL, NULL, ctl_print_threshold, "",
     "alerts begin where configuration or model say"},
    {"threshold", "threshold set", "score", ctl_print_threshold, " [SCORE | logit=LOGIT]",
     "where alerts begin"},
    {"suppress add", NULL, NULL, ctl_print_rule,
     " [host=ADDRESS] [network=NETWORK] [port=PORT] [until=TIME]", "raise no alerts like these"},
    {"suppress list", NULL, NULL, ctl_print_rules, "", "the rules that do so"},
    {"suppress remove", NULL, "id", ctl_print_rule, " ID", "remove one"},
    {"mark list", NULL, NULL, ctl_print_marks, "", "flows that are marked"},
    {"mark remove", NULL, "flow_id", ctl_print_done, " FLOW_ID", "say nothing of one any more"},
    {"mark", NULL, "flow_id as", ctl_print_done, " FLOW_ID benign|malicious",
     "say what a flow is, for the next training"},
    {"models", NULL, NULL, ctl_print_models, "", "the models of the past, and those that may come"},
    {"promote", NULL, "name", ctl_print_model, " NAME", "make one live"},
    {"rollback", NULL, NULL, ctl_print_model, "", "make the one live that was live before"},
    {"retrain", NULL, NULL, ctl_print_done, "", "ask for a retraining"},
    {"top", NULL, NULL, ctl_print_top, " [limit=ROWS]",
     "the most anomalous flows and hosts, until interrupted"},
    {"explain", NULL, "flow_id", ctl_print_explanation, " FLOW_ID",
     "why a flow scored as it did"},
};
/* clang-format on */
static const size_t n_commands = sizeof commands / sizeof *commands;

struct ctl {
    const char *socket;
    bool json, once;
    const struct command *command;
    const char *operand; /* of the command: those that are to come */
    struct request request;
};

static int fail(const char *text)
{
    fprintf(stderr, "da3ddctl: error: %s\n", text);
    return EXIT_FAILURE;
}

static int usage_error(const char *text)
{
    fail(text);
    fputs("da3ddctl: see da3ddctl --help\n", stderr);
    return EXIT_USAGE;
}

static void print_help(void)
{
    puts("Usage: da3ddctl [--socket PATH] [--json] COMMAND ...\n"
         "Asks or changes a running da3dd.\n");
    for (size_t i = 0; i < n_commands; i++)
        printf("  %s%s\n      %s\n", commands[i].words, commands[i].usage, commands[i].help);
    puts("\n"
         "  -s, --socket PATH  of the service (" DEFAULT_SOCKET ")\n"
         "  -j, --json         print the answer as one line of JSON\n"
         "      --once         top: print one table and end\n"
         "  -V, --version      print the version\n"
         "  -h, --help         print this help");
}

/* Do the words begin with the command's? Returns how many those are, 0: no. */
static int matches(const struct command *command, char **words)
{
    const char *at = command->words;
    int n = 0;

    while (*at) {
        const size_t length = strcspn(at, " ");

        if (!words[n] || strlen(words[n]) != length || strncmp(words[n], at, length) != 0)
            return 0;
        at += length + (at[length] == ' ');
        n++;
    }
    return n;
}

/* words: ends with NULL. Returns NULL if they are no command. */
static const struct command *find_command(char **words)
{
    for (size_t i = 0; i < n_commands; i++)
        if (matches(&commands[i], words) > 0)
            return &commands[i];
    return NULL;
}

/* A word that stands alone. */
static int take_operand(struct ctl *ctl, const char *word, struct da3d_error *error)
{
    const char *operand = ctl->operand;
    char field[32];
    size_t length;

    if (!operand || !*operand)
        return da3d_fail(error, "'%s' does not take '%s'", ctl->command->words, word);
    length = strcspn(operand, " ");
    snprintf(field, sizeof field, "%.*s", (int)length, operand);
    ctl->operand += length + (operand[length] == ' ');
    return request_set(&ctl->request, field, word, error);
}

static int take_word(struct ctl *ctl, const char *word, struct da3d_error *error)
{
    const char *equals = strchr(word, '=');
    char field[32];

    if (!equals)
        return take_operand(ctl, word, error);
    snprintf(field, sizeof field, "%.*s", (int)(equals - word), word);
    return request_set(&ctl->request, field, equals + 1, error);
}

static int take_words(struct ctl *ctl, char **words, struct da3d_error *error)
{
    ctl->command = find_command(words);
    if (!ctl->command) {
        if (*words)
            da3d_fail(error, "there is no command '%s%s%s'", words[0], words[1] ? " " : "",
                      words[1] ? words[1] : "");
        else
            da3d_fail(error, "a command is expected");
        return -1;
    }
    ctl->operand = ctl->command->operand;
    strcpy(ctl->request.command, ctl->command->words);
    for (words += matches(ctl->command, words); *words; words++)
        if (take_word(ctl, *words, error) < 0)
            return -1;
    if (ctl->request.given && ctl->command->change)
        strcpy(ctl->request.command, ctl->command->change);
    return 0;
}

static int print(const struct ctl *ctl, struct json_object *result)
{
    if (ctl->json)
        puts(json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN |
                                                        JSON_C_TO_STRING_NOSLASHESCAPE));
    else
        ctl->command->print(result, stdout);
    return fflush(stdout) == 0 ? 0 : -1;
}

static int ask_once(const struct ctl *ctl, int fd, struct da3d_error *error)
{
    struct json_object *result = ctl_ask(fd, &ctl->request, error);
    int rc = -1;

    if (result)
        rc = print(ctl, result) < 0 ? da3d_fail(error, "%s", strerror(errno)) : 0;
    json_object_put(result);
    return rc;
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
    interrupted = signal_number;
}

/* Each table gets half of what the screen has beside the headings. */
static void fit_screen(struct request *request)
{
    struct winsize size;

    if ((request->given & REQUEST_LIMIT) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return;
    request->given |= REQUEST_LIMIT;
    request->limit = size.ws_row > 10 ? (uint32_t)(size.ws_row - 8) / 2 : 1;
    if (request->limit > REQUEST_LIMIT_MAX)
        request->limit = REQUEST_LIMIT_MAX;
}

/* On the terminal's other screen, so that the first one is there again at the end. */
static int redraw(const struct ctl *ctl, int fd, struct da3d_error *error)
{
    static const char enter[] = "\033[?1049h\033[?25l", home[] = "\033[H\033[2J",
                      leave[] = "\033[?25h\033[?1049l";
    const struct sigaction action = {.sa_handler = on_interrupt};
    int rc = 0;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    fputs(enter, stdout);
    while (!interrupted && rc == 0) {
        struct ctl now = *ctl;

        fit_screen(&now.request);
        fputs(home, stdout);
        rc = ask_once(&now, fd, error);
        if (rc == 0)
            nanosleep(&(struct timespec){.tv_sec = REDRAW_S}, NULL);
    }
    fputs(leave, stdout);
    fflush(stdout);
    return interrupted ? 0 : rc;
}

static int run(const struct ctl *ctl)
{
    const bool live =
        ctl->command->print == ctl_print_top && !ctl->once && !ctl->json && isatty(STDOUT_FILENO);
    struct da3d_error error;
    int fd = ctl_connect(ctl->socket, &error);
    int rc;

    if (fd < 0)
        return fail(error.text);
    rc = live ? redraw(ctl, fd, &error) : ask_once(ctl, fd, &error);
    close(fd);
    return rc < 0 ? fail(error.text) : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"socket", required_argument, NULL, 's'}, {"json", no_argument, NULL, 'j'},
        {"once", no_argument, NULL, 'o'},         {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    struct ctl ctl = {.socket = DEFAULT_SOCKET};
    struct da3d_error error;
    int option;

    while ((option = getopt_long(argc, argv, "s:jVh", options, NULL)) != -1)
        switch (option) {
        case 's': ctl.socket = optarg; break;
        case 'j': ctl.json = true; break;
        case 'o': ctl.once = true; break;
        case 'V': puts("da3ddctl " DA3DD_VERSION); return EXIT_SUCCESS;
        case 'h': print_help(); return EXIT_SUCCESS;
        default: return EXIT_USAGE;
        }
    if (take_words(&ctl, argv + optind, &error) < 0)
        return usage_error(error.text);
    return run(&ctl);
}
