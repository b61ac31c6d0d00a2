/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/remedy.h"

#include <stdio.h>
#include <string.h>

#include "tools/sideseat-secrets/commands.h"

/* A text that is being written; `len` is the length it would have with enough room. */
struct line {
    char *text;
    size_t len;
};

static void append(struct line *line, const char *text, size_t len)
{
    if (line->len + len < REMEDY_SIZE) {
        memcpy(line->text + line->len, text, len);
        line->text[line->len + len] = '\0';
    }
    line->len += len;
}

/* Appends a word, in quotes unless a shell takes each of its characters as it is. */
static void append_word(struct line *line, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_-./:@%+,=";

    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        append(line, word, strlen(word));
        return;
    }
    append(line, "'", 1);
    for (; *word != '\0'; word++)
        append(line, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    append(line, "'", 1);
}

static void append_option(struct line *line, const char *name, const char *value)
{
    append(line, name, strlen(name));
    append(line, " ", 1);
    append_word(line, value);
    append(line, " ", 1);
}

/* The options that decide which store it is. */
static void append_options(struct line *line, const struct client *client)
{
    for (size_t i = 0; i < client->option_count; i++) {
        const struct request_option *option = &client->options[i];

        if (option->key == 'm')
            append_option(line, "-m", option->text);
        else if (option->key == 'b')
            append_option(line, "-b", option->text);
        else if (option->key == OPTION_SET)
            append_option(line, "--set", option->text);
    }
    if (client->named)
        append_option(line, "-t", client->label);
}

static void append_key(struct line *line, const char *key)
{
    if (key[0] == '-')
        append(line, "-- ", 3);
    append_word(line, key);
}

void remedy_line(const struct client *client, const char *words, const char *key,
                 char out[REMEDY_SIZE])
{
    const size_t start = strlen("sideseat-secrets ") + strlen(words) + 1;
    struct line line = {out, start};

    (void)snprintf(out, REMEDY_SIZE, "sideseat-secrets %s ", words);
    append_options(&line, client);
    append_key(&line, key);
    if (line.len < REMEDY_SIZE)
        return;
    line.len = start;
    append(&line, "... ", 4);
    append_key(&line, key);
}
