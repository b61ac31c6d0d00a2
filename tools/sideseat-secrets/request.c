/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/request.h"

#include <argp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/programs/options.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/config_file.h"
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/refuse.h"
#include "tools/sideseat-secrets/request_command.h"

static const struct argp_option common_options[] = {
    {"module", 'm', "PATH", 0, "The PKCS#11 module to use", 10},
    {"token", 't', "LABEL", 0, "The token to use instead of the first one", 10},
    {"secrets-backend", 'b', "NAME", 0, "The backend to use, whatever is configured", 10},
    {"set", OPTION_SET, "PATH=VALUE", 0, "A setting, such as data_dir=/tmp/x; repeatable", 10},
    {"login", OPTION_LOGIN, NULL, 0, "Log in first, which may unlock the store", 10},
    {"pin", OPTION_PIN, NULL, 0, "Log in with a PIN that is asked for at the terminal", 10},
    {"json", OPTION_JSON, NULL, 0, "Print JSON, errors (on standard error) included", 10},
    {"help", 'h', NULL, 0, "Print this text", 20},
    {NULL, '?', NULL, OPTION_ALIAS, NULL, 20},
    {"usage", OPTION_USAGE, NULL, 0, "Print the options in short", 20},
    {"version", 'V', NULL, 0, "Print the version", 20},
    {0},
};

/* Adds path='value' to the words. They are quoted as in a shell: nothing is special between single
 * quotes, and one of those is written as '\'' instead. */
static void add_word(struct request *request, const char *path, size_t path_len, const char *value)
{
    /* first of all where they are from, so that the module refuses secrets among them */
    const char *before = request->words == NULL ? "from=command-line" : request->words;
    const size_t size = strlen(before) + path_len + 4 * strlen(value) + sizeof " =''";
    char *longer = malloc(size);
    char *at;

    if (longer == NULL)
        refuse_without_memory();
    at = longer + snprintf(longer, size, "%s %.*s='", before, (int)path_len, path);
    for (; *value != '\0'; value++) {
        const char *quoted = *value == '\'' ? "'\\''" : (const char[]){*value, '\0'};
        const size_t len = strlen(quoted);
        memcpy(at, quoted, len);
        at += len;
    }
    memcpy(at, "'", 2);
    free(request->words);
    request->words = longer;
}

static void add_setting(struct request *request, const char *text, struct argp_state *state)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL || equals <= config_setting_name(text))
        refuse(state, "--set takes PATH=VALUE, not '%s'", text);
    text = config_setting_name(text);
    add_word(request, text, (size_t)(equals - text), equals + 1);
}

/* Ends the program after a text that was asked for. */
static _Noreturn void finish(void)
{
    enum outcome outcome;

    platform_options_end();
    outcome = print_end();
    outcome_end(outcome);
    exit((int)outcome);
}

static _Noreturn void help(const struct argp_state *state, unsigned flags)
{
    argp_state_help(state, stdout, flags & ~(unsigned)ARGP_HELP_EXIT_OK);
    if (flags == ARGP_HELP_USAGE)
        (void)putchar('\n');
    finish();
}

static error_t parse_common(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;

    if (key == 'm' || key == 'b' || key == OPTION_SET)
        request->options[request->option_count++] = (struct request_option){key, text};
    switch (key) {
    case 'm':
        request->module = text;
        return 0;
    case 't':
        request->token = text;
        return 0;
    case 'b':
        add_word(request, "backend", strlen("backend"), text);
        return 0;
    case OPTION_SET:
        add_setting(request, text, state);
        return 0;
    case OPTION_LOGIN:
        request->login = true;
        return 0;
    case OPTION_PIN:
        request->login = request->pin = true;
        return 0;
    case OPTION_JSON:
        request->json = true;
        return 0;
    case 'h':
    case '?':
        help(state, ARGP_HELP_STD_HELP);
    case OPTION_USAGE:
        help(state, ARGP_HELP_USAGE);
    case 'V':
        (void)puts("sideseat-secrets " SIDESEAT_VERSION);
        finish();
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void choose_command(struct request *request, const char *name,
                           const struct argp_state *state)
{
    const char *near = command_nearest(name);

    request->command = command_find(name);
    if (request->command == NULL && near != NULL)
        refuse(state, "no command '%s'; did you mean '%s'?", name, near);
    if (request->command == NULL)
        refuse(state, "no command '%s'", name);
}

static error_t parse_program(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = request;
        return 0;
    case ARGP_KEY_ARG:
        choose_command(request, text, state);
        request->command_index = state->next - 1;
        state->next = state->argc; /* the rest is the command's */
        return 0;
    case ARGP_KEY_END:
        if (request->command == NULL)
            refuse(state, "which command?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Runs a parser of argp. A message of its own ("sideseat-secrets: unrecognized option '--x'", and a
 * second line with advice) is printed as one of ours, and ends the program. */
static void parse(const struct argp *argp, int argc, char **argv, unsigned flags,
                  struct request *request)
{
    char *said = NULL;
    const char *text;
    int error = platform_options_parse(argp, argc, argv, flags, request, &said);

    if (error != 0) {
        text = said == NULL ? NULL : strstr(said, ": ");
        if (text == NULL)
            refuse_without_memory();
        said[strcspn(said, "\n")] = '\0';
        refuse_text(request, text + 2);
    }
    free(said);
}

/* `help COMMAND` is `COMMAND --help`, and `help` alone `--help`. */
static void help_command(struct request *request, const struct argp *program,
                         const struct argp_child *children, int argc, char **argv)
{
    const char *name = request->command_index + 1 < argc ? argv[request->command_index + 1] : NULL;
    struct argp_state state = {
        .root_argp = program, .name = (char *)(uintptr_t) "sideseat-secrets", .input = request};
    struct argp command = {.children = children};
    char *full = NULL;

    request->command = NULL;
    if (name == NULL || name[0] == '-') {
        argp_help(program, stdout, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, state.name);
        finish();
    }
    if (request->command_index + 2 < argc && argv[request->command_index + 2][0] != '-')
        refuse(&state, "too many arguments, from '%s' on", argv[request->command_index + 2]);
    choose_command(request, name, &state);
    command.options = request->command->options;
    command.args_doc = request->command->arguments;
    command.doc = request->command->summary;
    if (asprintf(&full, "sideseat-secrets %s", request->command->name) < 0)
        refuse_without_memory();
    argp_help(&command, stdout, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, full);
    finish();
}

/* True if the words before a "--" have --json, so that mistakes among them are told as JSON, too.
 */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

void request_parse(struct request *request, int argc, char **argv)
{
    const struct argp common = {.options = common_options, .parser = parse_common};
    const struct argp_child children[] = {{.argp = &common}, {0}};
    char *text = command_list_text();
    const struct argp program = {
        .parser = parse_program, .args_doc = "COMMAND", .doc = text, .children = children};
    char *name = NULL;

    outcome_as_json(asks_for_json(argc, argv));
    /* each word is one of them at most */
    request->keys = calloc((size_t)argc + 1, sizeof *request->keys);
    request->uris = calloc((size_t)argc + 1, sizeof *request->uris);
    request->options = calloc((size_t)argc + 1, sizeof *request->options);
    if (request->keys == NULL || request->uris == NULL || request->options == NULL || text == NULL)
        refuse_without_memory();
    parse(&program, argc, argv, ARGP_IN_ORDER, request);
    if (request->command->run == NULL)
        help_command(request, &program, children, argc, argv);
    free(text);

    const struct argp command = {.options = request->command->options,
                                 .parser = request_parse_command,
                                 .args_doc = request->command->arguments,
                                 .doc = request->command->summary,
                                 .children = children};
    if (asprintf(&name, "sideseat-secrets %s", request->command->name) < 0)
        refuse_without_memory();
    argv[request->command_index] = name;
    parse(&command, argc - request->command_index, argv + request->command_index,
          (request->command->flags & COMMAND_RUNS) != 0 ? ARGP_IN_ORDER : 0, request);
    argv[request->command_index] = NULL;
    free(name);
    outcome_as_json(request->json);
}

void request_free(struct request *request)
{
    for (size_t i = 0; i < request->key_count; i++)
        uri_free(&request->uris[i]);
    free(request->words);
    free(request->keys);
    free(request->uris);
    free(request->options);
    memset(request, 0, sizeof *request);
}
