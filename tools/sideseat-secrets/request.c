/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/request.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sideseat-secrets/label.h"
#include "store/scope.h"

/* Options without a letter of their own. */
enum {
    OPTION_SET = 0x100,
    OPTION_LOGIN,
    OPTION_PIN,
    OPTION_JSON,
    OPTION_CREATE,
    OPTION_IF_VERSION,
    OPTION_ENCODING,
    OPTION_RAW,
};

static const struct argp_option common_options[] = {
    {"module", 'm', "PATH", 0, "The PKCS#11 module to use", 10},
    {"token", 't', "LABEL", 0, "The token to use instead of the first one", 10},
    {"secrets-backend", 'b', "NAME", 0, "The backend to use, whatever is configured", 10},
    {"set", OPTION_SET, "PATH=VALUE", 0, "A setting, such as data_dir=/tmp/x; repeatable", 10},
    {"login", OPTION_LOGIN, NULL, 0, "Log in first, which may unlock the store", 10},
    {"pin", OPTION_PIN, NULL, 0, "Log in with a PIN that is asked for at the terminal", 10},
    {"json", OPTION_JSON, NULL, 0, "Print JSON", 10},
    {0},
};

static const struct argp_option list_options[] = {
    {"scope", 's', "SCOPE", 0, "Only org, org/ID, project/ID, user/ID or global; repeatable", 1},
    {"details", 'd', NULL, 0, "Also times, version and backend", 1},
    {0},
};

static const struct argp_option get_options[] = {
    {"scope", 's', "SCOPE", 0, "Look NAME up in this scope, then in the next one given", 1},
    {"raw", OPTION_RAW, NULL, 0, "Write the bytes to a terminal, too, whatever they are", 1},
    {0},
};

static const struct argp_option set_options[] = {
    {"create", OPTION_CREATE, NULL, 0, "Only if there is no such secret", 1},
    {"if-version", OPTION_IF_VERSION, "V", 0, "Only if the secret is at version V", 1},
    {"strip-newline", 'n', NULL, 0, "Leave out one newline at the end of the value", 1},
    {0},
};

static const struct argp_option sign_options[] = {
    {"algorithm", 'a', "NAME", 0, "sha256 (the default), sha384 or sha512", 1},
    {"encoding", OPTION_ENCODING, "NAME", 0, "hex (the default) or base64url", 1},
    {0},
};

static const struct argp_option jwt_options[] = {
    {"algorithm", 'a', "NAME", 0, "HS256 (the default), HS384 or HS512", 1},
    {0},
};

static const struct command commands[] = {
    {"list", "", "Print the keys of the secrets.", list_options, 0, 0, command_list},
    {"get", "KEY", "Write a value to standard output.", get_options, 1, 1, command_get},
    {"set", "KEY", "Store standard input, or ask for a value.", set_options, 1, 1, command_set},
    {"delete", "KEY", "Delete a secret.", NULL, 1, 1, command_delete},
    {"status", "", "Tell what the stores are, and whether they work.", NULL, 0, 0, command_status},
    {"ensure", "[KEY...]", "Make the secrets sideseat needs, if absent.", NULL, 0, REQUEST_KEYS_MAX,
     command_ensure},
    {"generate", "KEY", "Make a random secret, unless there is one.", NULL, 1, 1, command_generate},
    {"sign", "KEY", "Print the HMAC of standard input.", sign_options, 1, 1, command_sign},
    {"jwt", "KEY", "Print a JSON object as a signed JSON Web Token.", jwt_options, 1, 1,
     command_jwt},
    {"accept-loss", "", "Count what a damaged file has lost as absent.", NULL, 0, 0,
     command_accept_loss},
};

static const struct request_algorithm algorithms[] = {
    {"sha256", "HS256", CKM_SHA256_HMAC, 32},
    {"sha384", "HS384", CKM_SHA384_HMAC, 48},
    {"sha512", "HS512", CKM_SHA512_HMAC, 64},
};

/* Adds path='value' to the words. They are quoted as in a shell: nothing is special between single
 * quotes, and one of those is written as '\'' instead. */
static void add_word(struct request *request, const char *path, size_t path_len, const char *value,
                     struct argp_state *state)
{
    char *longer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&longer, &size);

    if (out == NULL) {
        argp_failure(state, OUTCOME_FAILED, 0, "out of memory");
        return;
    }
    /* first of all where they are from, so that the module refuses secrets among them */
    (void)fprintf(out, "%s ", request->words == NULL ? "from=command-line" : request->words);
    (void)fprintf(out, "%.*s='", (int)path_len, path);
    for (; *value != '\0'; value++)
        (void)fputs(*value == '\'' ? "'\\''" : (const char[]){*value, '\0'}, out);
    (void)fputc('\'', out);
    if (fclose(out) != 0)
        argp_failure(state, OUTCOME_FAILED, 0, "out of memory");
    free(request->words);
    request->words = longer;
}

/* A mistake in the command line, with the words that are wrong between what is said of them: ends
 * the program (status 2). */
static void refuse(struct argp_state *state, const char *before, const char *words,
                   const char *after)
{
    char shown[LABEL_SIZE];

    label_for_terminal(words, shown);
    argp_error(state, "%s'%s'%s", before, shown, after);
}

static void add_setting(struct request *request, const char *text, struct argp_state *state)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL || equals == text)
        refuse(state, "--set takes PATH=VALUE, not ", text, "");
    else
        add_word(request, text, (size_t)(equals - text), equals + 1, state);
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
        add_word(request, "backend", strlen("backend"), text, state);
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
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void choose_algorithm(struct request *request, const char *name, struct argp_state *state)
{
    bool jws = request->command->run == command_jwt;

    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (strcmp(name, jws ? algorithms[i].jws : algorithms[i].hash) == 0) {
            request->algorithm = &algorithms[i];
            return;
        }
    }
    refuse(state, "no algorithm ", name,
           jws ? "; there are HS256, HS384 and HS512" : "; there are sha256, sha384 and sha512");
}

static void choose_encoding(struct request *request, const char *name, struct argp_state *state)
{
    if (strcmp(name, "hex") == 0)
        request->encoding = REQUEST_HEX;
    else if (strcmp(name, "base64url") == 0)
        request->encoding = REQUEST_BASE64URL;
    else
        refuse(state, "no encoding ", name, "; there are hex and base64url");
}

static void add_key(struct request *request, const char *text, struct argp_state *state)
{
    if (text[0] == '\0')
        argp_error(state, "a key is not empty, but %s", REQUEST_KEY_FORMS);
    else if (request->key_count < request->command->keys_max)
        request->keys[request->key_count++] = text;
    else if (request->command->run == command_set)
        argp_error(state, "the value is read from standard input, never from the command line, "
                          "where every user of this machine could see it");
    else
        refuse(state, "too many arguments, from ", text, " on");
}

static void add_scope(struct request *request, const char *text, struct argp_state *state)
{
    if (request->scope_count == REQUEST_SCOPES_MAX)
        argp_error(state, "more than %d scopes", REQUEST_SCOPES_MAX);
    else if (request->command->run == command_get && strchr(text, ',') != NULL)
        refuse(state, "a scope to look a name up in has no comma: ", text, "");
    else
        request->scopes[request->scope_count++] = text;
}

static void set_version(struct request *request, const char *version, struct argp_state *state)
{
    if (request->if_version != NULL)
        argp_error(state, "--create and --if-version exclude each other and are given once");
    if (version[0] == '\0')
        argp_error(state, "a version is not empty; a store that shows none cannot compare");
    request->if_version = version;
}

/* Refuses scopes that are none, before a store is asked. Keys are the module's to judge: another
 * module's labels are free. */
static void check_scopes(const struct request *request, struct argp_state *state)
{
    char prefix[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < request->scope_count; i++) {
        const char *scope = request->scopes[i];
        if (store_scope_prefix(scope, strlen(scope), prefix) == STORE_OK)
            continue;
        refuse(state, "", scope, " is no scope; there are global, org/ID, project/ID and user/ID");
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
            argp_error(state, "which %s?", request->command->arguments);
        check_scopes(request, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_program(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = request;
        return 0;
    case ARGP_KEY_ARG:
        for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
            if (strcmp(text, commands[i].name) == 0)
                request->command = &commands[i];
        }
        if (request->command == NULL)
            refuse(state, "no command ", text, "");
        request->command_index = state->next - 1;
        state->next = state->argc; /* the rest is the command's */
        return 0;
    case ARGP_KEY_END:
        if (request->command == NULL)
            argp_error(state, "which command?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The text of --help: the commands, before the options (above the \v) and after them. */
static char *program_text(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    (void)fputs("Keep an application's secrets in whichever store sideseat-pkcs11 is configured "
                "for.\n\nCommands:\n",
                out);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        (void)fprintf(out, "  %-11s %-9s %s\n", commands[i].name, commands[i].arguments,
                      commands[i].summary);
    (void)fputs("\nOptions, before or after the command:"
                "\vSee `sideseat-secrets COMMAND --help' for a command's own options, and "
                "sideseat-secrets(1).",
                out);
    return fclose(out) == 0 ? text : NULL;
}

void request_parse(struct request *request, int argc, char **argv)
{
    const struct argp common = {.options = common_options, .parser = parse_common};
    const struct argp_child children[] = {{.argp = &common}, {0}};
    char *text = program_text();
    const struct argp program = {
        .parser = parse_program, .args_doc = "COMMAND", .doc = text, .children = children};
    char *name = NULL;

    argp_program_version = "sideseat-secrets " SIDESEAT_VERSION;
    argp_err_exit_status = OUTCOME_USAGE;
    request->algorithm = &algorithms[0];
    argp_parse(&program, argc, argv, ARGP_IN_ORDER, NULL, request);
    free(text);

    const struct argp command = {.options = request->command->options,
                                 .parser = parse_command,
                                 .args_doc = request->command->arguments,
                                 .doc = request->command->summary,
                                 .children = children};
    if (asprintf(&name, "sideseat-secrets %s", request->command->name) >= 0) {
        argv[request->command_index] = name;
        argp_parse(&command, argc - request->command_index, argv + request->command_index, 0, NULL,
                   request);
        argv[request->command_index] = NULL;
    }
    free(name);
}

void request_free(struct request *request)
{
    free(request->words);
    request->words = NULL;
}
