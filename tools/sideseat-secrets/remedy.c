/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/remedy.h"

#include <stdio.h>
#include <string.h>

static void append(char out[REMEDY_SIZE], const char *text, size_t len)
{
    size_t used = strlen(out);

    if (used + len >= REMEDY_SIZE)
        return;
    memcpy(out + used, text, len);
    out[used + len] = '\0';
}

/* Appends a word, in quotes unless a shell takes each of its characters as it is. */
static void append_word(char out[REMEDY_SIZE], const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_-./:@%+,";

    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        append(out, word, strlen(word));
        return;
    }
    append(out, "'", 1);
    for (; *word != '\0'; word++)
        append(out, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    append(out, "'", 1);
}

void remedy_line(const struct client *client, const char *words, const char *key,
                 char out[REMEDY_SIZE])
{
    (void)snprintf(out, REMEDY_SIZE, "sideseat-secrets %s ", words);
    if (client->named) {
        append(out, "-t ", 3);
        append_word(out, client->label);
        append(out, " ", 1);
    }
    if (key[0] == '-')
        append(out, "-- ", 3);
    append_word(out, key);
}
