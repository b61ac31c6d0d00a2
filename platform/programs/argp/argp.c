/* SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* A parser and its children, of which each gets what it does not refuse. */
#define PARSERS_MAX 4

struct parsers {
    struct argp_state states[PARSERS_MAX];
    const struct argp *all[PARSERS_MAX];
    size_t count;
    int next; /* in argv */
    bool quoted;
};

static char message[512];

const char *argp_message(void)
{
    return message;
}

__attribute__((format(printf, 1, 2))) static error_t mistake(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return EINVAL;
}

/* Calls one parser, which may move on in the arguments. */
static error_t call(struct parsers *parsers, size_t which, int key, char *text)
{
    struct argp_state *state = &parsers->states[which];
    error_t error;

    if (parsers->all[which]->parser == NULL)
        return ARGP_ERR_UNKNOWN;
    state->next = parsers->next;
    error = parsers->all[which]->parser(key, text, state);
    parsers->next = state->next;
    return error;
}

/* Passes a key to the first parser that takes it; for the end, to all. */
static error_t call_first(struct parsers *parsers, int key, char *text)
{
    for (size_t i = 0; i < parsers->count; i++) {
        error_t error = call(parsers, i, key, text);
        if (error != ARGP_ERR_UNKNOWN && (error != 0 || key != ARGP_KEY_END))
            return error;
    }
    return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
}

/* An option and who takes it. */
struct found {
    const struct argp_option *option;
    size_t which;
};

bool argp_option_is_end(const struct argp_option *option)
{
    return option->name == NULL && option->key == 0 && option->doc == NULL;
}

static bool find_short(const struct parsers *parsers, char letter, struct found *out)
{
    for (size_t i = 0; i < parsers->count; i++) {
        const struct argp_option *option = parsers->all[i]->options;
        for (; option != NULL && !argp_option_is_end(option); option++) {
            if (option->key != letter)
                continue;
            *out = (struct found){option, i};
            return true;
        }
    }
    return false;
}

/* Finds a whole name, or the only one that begins like this; how many there are. */
static size_t find_long(const struct parsers *parsers, const char *name, size_t len,
                        struct found *out)
{
    size_t count = 0;

    for (size_t i = 0; i < parsers->count; i++) {
        const struct argp_option *option = parsers->all[i]->options;
        for (; option != NULL && !argp_option_is_end(option); option++) {
            if (option->name == NULL || strncmp(option->name, name, len) != 0)
                continue;
            *out = (struct found){option, i};
            if (option->name[len] == '\0')
                return 1;
            count++;
        }
    }
    return count;
}

static error_t take_long(struct parsers *parsers, char *word)
{
    char *name = word + 2;
    size_t len = strcspn(name, "=");
    char *text = name[len] == '=' ? name + len + 1 : NULL;
    struct found found = {0};
    size_t count = find_long(parsers, name, len, &found);
    const struct argp_state *state = &parsers->states[0];

    if (count == 0)
        return mistake("unrecognized option '--%.*s'", (int)len, name);
    if (count > 1)
        return mistake("option '--%.*s' is ambiguous", (int)len, name);
    if (found.option->arg == NULL && text != NULL)
        return mistake("option '--%s' doesn't allow an argument", found.option->name);
    if (found.option->arg != NULL && text == NULL && parsers->next < state->argc)
        text = state->argv[parsers->next++];
    if (found.option->arg != NULL && text == NULL)
        return mistake("option '--%s' requires an argument", found.option->name);
    return call(parsers, found.which, found.option->key, text);
}

/* One letter after the other; the rest may be an argument. */
static error_t take_short(struct parsers *parsers, char *word)
{
    const struct argp_state *state = &parsers->states[0];

    for (char *letter = word + 1; *letter != '\0'; letter++) {
        struct found found = {0};
        char *text = NULL;
        error_t error;

        if (!find_short(parsers, *letter, &found))
            return mistake("invalid option -- '%c'", *letter);
        if (found.option->arg != NULL)
            text = letter[1] != '\0'             ? letter + 1
                   : parsers->next < state->argc ? state->argv[parsers->next++]
                                                 : NULL;
        if (found.option->arg != NULL && text == NULL)
            return mistake("option requires an argument -- '%c'", *letter);
        error = call(parsers, found.which, found.option->key, text);
        if (error != 0 || text != NULL)
            return error;
    }
    return 0;
}

static error_t take_word(struct parsers *parsers, char *word)
{
    error_t error;

    if (!parsers->quoted && strcmp(word, "--") == 0) {
        parsers->quoted = true;
        return 0;
    }
    if (!parsers->quoted && strncmp(word, "--", 2) == 0)
        error = take_long(parsers, word);
    else if (!parsers->quoted && word[0] == '-' && word[1] != '\0')
        error = take_short(parsers, word);
    else
        error = call_first(parsers, ARGP_KEY_ARG, word);
    return error == ARGP_ERR_UNKNOWN ? mistake("cannot use '%s'", word) : error;
}

static void add(struct parsers *parsers, const struct argp *argp, void *input,
                const struct argp_state *first)
{
    parsers->all[parsers->count] = argp;
    parsers->states[parsers->count] = *first;
    parsers->states[parsers->count++].input = input;
}

/* Tells the parser and then its children that they begin; the parser gives them their inputs. */
static error_t begin(struct parsers *parsers, const struct argp *argp,
                     const struct argp_state *first)
{
    void *inputs[PARSERS_MAX] = {NULL};
    error_t error;

    add(parsers, argp, first->input, first);
    parsers->states[0].child_inputs = inputs;
    error = call(parsers, 0, ARGP_KEY_INIT, NULL);
    for (size_t i = 0; argp->children != NULL && argp->children[i].argp != NULL; i++) {
        if (parsers->count == PARSERS_MAX)
            return mistake("too many parsers");
        add(parsers, argp->children[i].argp, inputs[i], first);
        if (error == 0 || error == ARGP_ERR_UNKNOWN)
            error = call(parsers, i + 1, ARGP_KEY_INIT, NULL);
    }
    parsers->states[0].child_inputs = NULL;
    return error == ARGP_ERR_UNKNOWN ? 0 : error;
}

error_t argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index,
                   void *input)
{
    const struct argp_state first = {
        .root_argp = argp, .argc = argc, .argv = argv, .input = input, .name = argv[0]};
    struct parsers parsers = {.next = 1};
    error_t error = begin(&parsers, argp, &first);

    (void)flags;
    (void)index;
    while (error == 0 && parsers.next < argc) {
        char *word = argv[parsers.next++];
        error = take_word(&parsers, word);
    }
    return error == 0 ? call_first(&parsers, ARGP_KEY_END, NULL) : error;
}
