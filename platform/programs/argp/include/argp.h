/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_ARGP_INCLUDE_ARGP_H
#define PLATFORM_PROGRAMS_ARGP_INCLUDE_ARGP_H

#pragma GCC system_header

/* The part of GNU's argp.h that this project uses, for systems without it; see ../argp.c.
 * Options and arguments come to the parsers in the order of the command line, always. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef int error_t;

struct argp_option {
    const char *name;
    int key;
    const char *arg;
    int flags;
    const char *doc;
    int group;
};

#define OPTION_ALIAS 0x4

struct argp;
struct argp_state;
typedef error_t (*argp_parser_t)(int key, char *text, struct argp_state *state);

struct argp_child {
    const struct argp *argp;
    int flags;
    const char *header;
    int group;
};

/* `children` have no children of their own */
struct argp {
    const struct argp_option *options;
    argp_parser_t parser;
    const char *args_doc;
    const char *doc;
    const struct argp_child *children;
};

struct argp_state {
    const struct argp *root_argp;
    int argc;
    char **argv;
    int next;
    void *input;
    void **child_inputs;
    char *name;
};

#define ARGP_KEY_ARG 0
#define ARGP_KEY_END 0x1000001
#define ARGP_KEY_INIT 0x1000003
#define ARGP_ERR_UNKNOWN 7 /* E2BIG, as GNU has it */

#define ARGP_NO_HELP 0x10
#define ARGP_NO_EXIT 0x20
#define ARGP_IN_ORDER 0x08

#define ARGP_HELP_USAGE 0x01
#define ARGP_HELP_EXIT_OK 0x200
#define ARGP_HELP_STD_HELP (0x02 | ARGP_HELP_EXIT_OK)

/* Prints nothing: the message of a mistake, without the program's name, is argp_message(). */
error_t argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *index,
                   void *input);
const char *argp_message(void);

/* True for the row after the last option. */
bool argp_option_is_end(const struct argp_option *option);

void argp_help(const struct argp *argp, FILE *out, unsigned flags, const char *name);
void argp_state_help(const struct argp_state *state, FILE *out, unsigned flags);

#endif
