/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_WORDS_H
#define BACKENDS_AWS_WORDS_H

#include <stddef.h>

#include "store/err.h"

/* A command, split into words. Zero-initialized: none. */
struct aws_words {
    char **argv; /* ended by NULL */
    size_t count;
    char *text; /* holds the words */
    size_t size;
};

/* Splits a command as botocore does (Python's shlex.split): blanks separate words; single quotes
 * keep every character; a backslash keeps the next character, in double quotes only '"' and itself;
 * '#' is an ordinary character. BAD_CONF, not logged, if a quote is open, a backslash is the last
 * character, or there are no words. */
enum store_err aws_words_split(const char *command, struct aws_words *out) STORE_CHECKED;

/* Wipes and frees the words: they may hold a password. */
void aws_words_free(struct aws_words *words);

#define AUTO_WORDS __attribute__((cleanup(aws_words_free))) struct aws_words

#endif
