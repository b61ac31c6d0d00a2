/* SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>

#include <stdbool.h>
#include <string.h>

/* Where the text of an option begins, and where a line ends. */
#define TEXT_COLUMN 29
#define LINE_END 79

/* The name that messages have for the program: not its path. */
static const char *name_of(const char *path)
{
    const char *name = path;

    for (const char *c = path; *c != '\0'; c++)
        if (*c == '/' || *c == '\\')
            name = c + 1;
    return name;
}

/* Prints words from a column on, in more lines if necessary. */
static void print_words(FILE *out, const char *text, size_t at)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (at + len > LINE_END && at > TEXT_COLUMN) {
            (void)fprintf(out, "\n%*s", TEXT_COLUMN, "");
            at = TEXT_COLUMN;
        }
        (void)fprintf(out, "%.*s", (int)len, text);
        at += len;
        text += len;
        if (*text == ' ') {
            (void)fputc(' ', out);
            at++;
            text++;
        }
    }
    (void)fputc('\n', out);
}

static bool has_letter(const struct argp_option *option)
{
    return option->key > ' ' && option->key < 127;
}

/* "  -s, --scope=SCOPE         Only …"; an alias is named with the option before it. */
static void print_option(FILE *out, const struct argp_option *option)
{
    char names[128] = "     ";
    size_t used = 5;

    if (has_letter(option))
        used = (size_t)snprintf(names, sizeof names, "  -%c,", option->key);
    for (const struct argp_option *other = option + 1;
         !argp_option_is_end(other) && (other->flags & OPTION_ALIAS) != 0; other++)
        used += (size_t)snprintf(names + used, sizeof names - used, " -%c,", other->key);
    used +=
        (size_t)snprintf(names + used, sizeof names - used, " --%s%s%s", option->name,
                         option->arg == NULL ? "" : "=", option->arg == NULL ? "" : option->arg);
    (void)fprintf(out, "%s", names);
    if (used + 1 > TEXT_COLUMN)
        (void)fprintf(out, "\n%*s", TEXT_COLUMN, "");
    else
        (void)fprintf(out, "%*s", (int)(TEXT_COLUMN - used), "");
    print_words(out, option->doc, TEXT_COLUMN);
}

/* The options, with an empty line between groups. */
static void print_options(FILE *out, const struct argp_option *option)
{
    int group = option == NULL ? 0 : option->group;

    for (; option != NULL && !argp_option_is_end(option); option++) {
        if (option->group != group)
            (void)fputc('\n', out);
        group = option->group;
        if ((option->flags & OPTION_ALIAS) == 0)
            print_option(out, option);
    }
}

/* The options in short, for one line. */
static void print_short(FILE *out, const struct argp_option *option)
{
    for (; option != NULL && !argp_option_is_end(option); option++) {
        if ((option->flags & OPTION_ALIAS) != 0)
            continue;
        (void)fprintf(out, "\n            [");
        if (has_letter(option))
            (void)fprintf(out, "-%c|", option->key);
        (void)fprintf(out, "--%s%s%s]", option->name, option->arg == NULL ? "" : "=",
                      option->arg == NULL ? "" : option->arg);
    }
}

void argp_help(const struct argp *argp, FILE *out, unsigned flags, const char *name)
{
    const char *doc = argp->doc == NULL ? "" : argp->doc;
    const size_t before = strcspn(doc, "\v");

    (void)fprintf(out, "Usage: %s", name_of(name));
    if ((flags & ARGP_HELP_USAGE) != 0) {
        print_short(out, argp->options);
        for (size_t i = 0; argp->children != NULL && argp->children[i].argp != NULL; i++)
            print_short(out, argp->children[i].argp->options);
        (void)fprintf(out, "\n            %s", argp->args_doc == NULL ? "" : argp->args_doc);
        return;
    }
    (void)fprintf(out, " [OPTION...] %s\n%.*s\n\n", argp->args_doc == NULL ? "" : argp->args_doc,
                  (int)before, doc);
    print_options(out, argp->options);
    for (size_t i = 0; argp->children != NULL && argp->children[i].argp != NULL; i++) {
        if (argp->options != NULL || i > 0)
            (void)fputc('\n', out);
        print_options(out, argp->children[i].argp->options);
    }
    if (doc[before] == '\v')
        (void)fprintf(out, "\n%s\n", doc + before + 1);
}

void argp_state_help(const struct argp_state *state, FILE *out, unsigned flags)
{
    argp_help(state->root_argp, out, flags, state->name);
}
