/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/request.h"

#include <argp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/label.h"
#include "store/scope.h"

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

static const struct request_algorithm algorithms[] = {
    {"sha256", "HS256", CKM_SHA256_HMAC, 32},
    {"sha384", "HS384", CKM_SHA384_HMAC, 48},
    {"sha512", "HS512", CKM_SHA512_HMAC, 64},
};

/* Standard error while argp has the word: its messages are made ours. */
static FILE *error_stream;

static _Noreturn void refuse_text(const struct request *request, const char *text)
{
    const char *name = request->command == NULL ? "" : request->command->name;

    stderr = error_stream;
    outcome_print("%s%s see: sideseat-secrets %s%s--help", text,
                  text[strlen(text) - 1] == '?' ? "" : ";", name, name[0] == '\0' ? "" : " ");
    outcome_end(OUTCOME_USAGE);
    exit(OUTCOME_USAGE);
}

static _Noreturn void stop_without_memory(void)
{
    enum outcome outcome;

    stderr = error_stream;
    outcome = outcome_no_memory();
    outcome_end(outcome);
    exit((int)outcome);
}

/* Adds path='value' to the words. They are quoted as in a shell: nothing is special between single
 * quotes, and one of those is written as '\'' instead. */
static void add_word(struct request *request, const char *path, size_t path_len, const char *value)
{
    char *longer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&longer, &size);

    if (out == NULL)
        stop_without_memory();
    /* first of all where they are from, so that the module refuses secrets among them */
    (void)fprintf(out, "%s ", request->words == NULL ? "from=command-line" : request->words);
    (void)fprintf(out, "%.*s='", (int)path_len, path);
    for (; *value != '\0'; value++)
        (void)fputs(*value == '\'' ? "'\\''" : (const char[]){*value, '\0'}, out);
    (void)fputc('\'', out);
    if (fclose(out) != 0)
        stop_without_memory();
    free(request->words);
    request->words = longer;
}

/* Ends the program (status 2): prints the mistake, and where to read on. */
static _Noreturn void refuse(const struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static _Noreturn void refuse(const struct argp_state *state, const char *format, ...)
{
    const struct request *request = state->input;
    char text[LABEL_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    refuse_text(request, text);
}

static void add_setting(struct request *request, const char *text, struct argp_state *state)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL || equals == text)
        refuse(state, "--set takes PATH=VALUE, not '%s'", text);
    add_word(request, text, (size_t)(equals - text), equals + 1);
}

static _Noreturn void help(const struct argp_state *state, unsigned flags)
{
    argp_state_help(state, stdout, flags & ~(unsigned)ARGP_HELP_EXIT_OK);
    if (flags == ARGP_HELP_USAGE)
        (void)putchar('\n');
    exit(EXIT_SUCCESS);
}

static error_t parse_common(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;

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
        exit(EXIT_SUCCESS);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void choose_algorithm(struct request *request, const char *name,
                             const struct argp_state *state)
{
    bool jws = request->command->run == command_jwt;

    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (strcmp(name, jws ? algorithms[i].jws : algorithms[i].hash) == 0) {
            request->algorithm = &algorithms[i];
            return;
        }
    }
    refuse(state, "no algorithm '%s'; there are %s", name,
           jws ? "HS256, HS384 and HS512" : "sha256, sha384 and sha512");
}

static void choose_encoding(struct request *request, const char *name,
                            const struct argp_state *state)
{
    if (strcmp(name, "hex") == 0)
        request->encoding = REQUEST_HEX;
    else if (strcmp(name, "base64url") == 0)
        request->encoding = REQUEST_BASE64URL;
    else
        refuse(state, "no encoding '%s'; there are hex and base64url", name);
}

static void take_key(struct request *request, const char *text, const struct argp_state *state)
{
    struct uri *uri = &request->uris[request->key_count];
    char reason[URI_REASON_SIZE];

    request->keys[request->key_count] = text;
    if (uri_is(text)) {
        if (!uri_parse(text, uri, reason))
            refuse(state, "cannot use '%s': %s", text, reason);
        request->keys[request->key_count] = uri->label;
    }
    request->key_count++;
    if (uri->class == CKO_SECRET_KEY && (request->command->flags & COMMAND_SIGNS) == 0)
        refuse(state, "'%s' names a signing key; type=data names the secret", text);
}

static void add_key(struct request *request, const char *text, struct argp_state *state)
{
    const struct command *command = request->command;
    size_t places = (command->flags & COMMAND_WORDS) != 0    ? 3
                    : (command->flags & COMMAND_TOKENS) != 0 ? 2
                    : (command->flags & COMMAND_PLACE) != 0  ? 1
                                                             : 0;

    if (request->place_count < places) {
        request->places[request->place_count++] = text;
        return;
    }
    if (request->key_count == command->keys_max && (command->flags & COMMAND_RUNS) != 0) {
        request->program = &state->argv[state->next - 1];
        state->next = state->argc; /* the rest is the program's */
        return;
    }
    if (text[0] == '\0')
        refuse(state, "a key is not empty, but %s", REQUEST_KEY_FORMS);
    else if (request->key_count < command->keys_max)
        take_key(request, text, state);
    else if (request->command->run == command_set)
        refuse(state, "the value is read from standard input, never from the command line, "
                      "where every user of this machine could see it");
    else
        refuse(state, "too many arguments, from '%s' on", text);
}

static void add_scope(struct request *request, const char *text, struct argp_state *state)
{
    if (request->scope_count == REQUEST_SCOPES_MAX)
        refuse(state, "more than %d scopes", REQUEST_SCOPES_MAX);
    else if ((request->command->run == command_get || request->command->run == command_run) &&
             strchr(text, ',') != NULL)
        refuse(state, "a scope to look a name up in has no comma: '%s'", text);
    else
        request->scopes[request->scope_count++] = text;
}

static void set_version(struct request *request, const char *version,
                        const struct argp_state *state)
{
    if (request->if_version != NULL)
        refuse(state, "--create and --if-version exclude each other and are given once");
    if (version[0] == '\0')
        refuse(state, "a version is not empty; a store that shows none cannot compare");
    request->if_version = version;
}

/* Refuses scopes that are none, before a store is asked. Keys are the module's to judge: another
 * module's labels are free. */
static void check_scopes(const struct request *request, const struct argp_state *state)
{
    char prefix[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < request->scope_count; i++) {
        const char *scope = request->scopes[i];
        if (store_scope_prefix(scope, strlen(scope), prefix) == STORE_OK)
            continue;
        refuse(state, "'%s' is not a scope; there are global, org/ID, project/ID and user/ID",
               scope);
    }
}

static error_t parse_command(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = request;
        return 0;
    case 's':
        add_scope(request, text, state);
        return 0;
    case 'd':
        request->details = true;
        return 0;
    case 'n':
        request->strip_newline = true;
        return 0;
    case 'a':
        choose_algorithm(request, text, state);
        return 0;
    case OPTION_ENCODING:
        choose_encoding(request, text, state);
        return 0;
    case OPTION_TOKENS:
        request->tokens = true;
        return 0;
    case OPTION_RAW:
        request->raw = true;
        return 0;
    case OPTION_CREATE:
        set_version(request, "0", state);
        return 0;
    case OPTION_IF_VERSION:
        set_version(request, text, state);
        return 0;
    case ARGP_KEY_ARG:
        add_key(request, text, state);
        return 0;
    case ARGP_KEY_END:
        if (request->key_count < request->command->keys_min)
            refuse(state, "which %.*s?", (int)strcspn(request->command->arguments, "."),
                   request->command->arguments);
        if ((request->command->flags & COMMAND_TOKENS) != 0 && request->place_count < 2)
            refuse(state, "which tokens? give FROM and TO");
        if ((request->command->flags & COMMAND_RUNS) != 0 && request->program == NULL)
            refuse(state, "which program?");
        check_scopes(request, state);
        return 0;
    default:
        if (key <= 0 || key >= OPTION_END)
            return ARGP_ERR_UNKNOWN;
        request->options[request->option_count++] = (struct request_option){key, text};
        return 0;
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
    size_t size = 0;
    const char *text;
    error_t error;

    error_stream = stderr;
    stderr = open_memstream(&said, &size);
    if (stderr == NULL)
        stop_without_memory();
    error = argp_parse(argp, argc, argv, flags | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, request);
    (void)fclose(stderr);
    stderr = error_stream;
    if (error != 0) {
        text = said == NULL ? NULL : strstr(said, ": ");
        if (text == NULL)
            stop_without_memory();
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

    error_stream = stderr;
    request->command = NULL;
    if (name == NULL || name[0] == '-') {
        argp_help(program, stdout, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, state.name);
        exit(EXIT_SUCCESS);
    }
    choose_command(request, name, &state);
    command.options = request->command->options;
    command.args_doc = request->command->arguments;
    command.doc = request->command->summary;
    if (asprintf(&full, "sideseat-secrets %s", request->command->name) < 0)
        stop_without_memory();
    argp_help(&command, stdout, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, full);
    exit(EXIT_SUCCESS);
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
        stop_without_memory();
    request->algorithm = &algorithms[0];
    parse(&program, argc, argv, ARGP_IN_ORDER, request);
    if (request->command->run == NULL)
        help_command(request, &program, children, argc, argv);
    free(text);

    const struct argp command = {.options = request->command->options,
                                 .parser = parse_command,
                                 .args_doc = request->command->arguments,
                                 .doc = request->command->summary,
                                 .children = children};
    if (asprintf(&name, "sideseat-secrets %s", request->command->name) < 0)
        stop_without_memory();
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
