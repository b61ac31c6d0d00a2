/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/secret.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Copies the quoted text at `in` to `*to`; returns its end, NULL if the quotes do not end. */
static const char *quoted_copy(const char *in, char **to)
{
    char quote = *in++;

    for (; *in != '\0' && *in != quote; in++) {
        if (quote == '"' && *in == '\\' && (in[1] == '"' || in[1] == '\\'))
            in++;
        *(*to)++ = *in;
    }
    return *in == quote ? in + 1 : NULL;
}

/* Copies the word at `in` to `*to`; returns its end, NULL if a quote in it does not end. */
static const char *word_copy(const char *in, char **to)
{
    while (in != NULL && *in != '\0' && !blank(*in)) {
        if (*in == '"' || *in == '\'') {
            in = quoted_copy(in, to);
            continue;
        }
        if (*in == '\\' && *++in == '\0')
            return NULL;
        *(*to)++ = *in++;
    }
    if (in != NULL)
        *(*to)++ = '\0';
    return in;
}

enum store_err aws_words_split(const char *command, struct aws_words *out)
{
    size_t len = strlen(command);
    char *to;

    /* a word is never longer than its source, and a blank or the end follows it */
    out->size = len + 1;
    out->text = malloc(out->size);
    out->argv = calloc(len / 2 + 2, sizeof *out->argv);
    if (out->text == NULL || out->argv == NULL)
        return STORE_NO_MEMORY;
    to = out->text;
    for (;;) {
        while (blank(*command))
            command++;
        if (*command == '\0')
            return out->count > 0 ? STORE_OK : STORE_BAD_CONF;
        out->argv[out->count++] = to;
        command = word_copy(command, &to);
        if (command == NULL)
            return STORE_BAD_CONF;
    }
}

void aws_words_free(struct aws_words *words)
{
    if (words->text != NULL)
        store_wipe(words->text, words->size);
    free(words->text);
    free(words->argv);
    *words = (struct aws_words){0};
}
