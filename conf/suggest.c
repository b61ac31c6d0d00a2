/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/suggest.h"

#include <stdio.h>
#include <string.h>

#include "conf/settings.h"

#define NAME_MAX_LEN 63 /* longer names do not resemble any */

/* Levenshtein's distance, in one row. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LEN + 1];
    size_t len = strlen(b);

    if (strlen(a) > NAME_MAX_LEN || len > NAME_MAX_LEN)
        return NAME_MAX_LEN;
    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < len; j++) {
            size_t best = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            if (diagonal + 1 < best)
                best = diagonal + 1;
            if (row[j] + 1 < best)
                best = row[j] + 1;
            row[j + 1] = best;
        }
    }
    return row[len];
}

/* A search for the most similar name. Keeps all names, in case none is similar. */
struct search {
    const char *name;
    size_t nearest; /* its distance */
    char best[NAME_MAX_LEN + 1];
    char known[512];
};

static void candidate(struct search *search, const char *name, size_t len)
{
    size_t used = strlen(search->known);
    char copy[NAME_MAX_LEN + 1];
    char quoted[NAME_MAX_LEN + 5];
    size_t far;

    snprintf(copy, sizeof copy, "%.*s", (int)len, name);
    snprintf(quoted, sizeof quoted, "\"%s\"", copy);
    if (strstr(search->known, quoted) != NULL)
        return; /* an object has as many rows as members */
    snprintf(search->known + used, sizeof search->known - used, "%s%s", used == 0 ? "" : ", ",
             quoted);
    far = distance(search->name, copy);
    if (far < search->nearest) {
        search->nearest = far;
        memcpy(search->best, copy, sizeof copy);
    }
}

static void search_tell(const struct search *search, char *out, size_t size)
{
    size_t near =
        1 + strlen(search->name) / 3; /* the number of typing errors that still count as similar */

    if (search->nearest <= near)
        snprintf(out, size, "; did you mean \"%s\"?", search->best);
    else if (search->known[0] != '\0')
        snprintf(out, size, "; known here are: %s", search->known);
    else
        snprintf(out, size, "; leave it out");
}

void suggest_path(const char *path, char *out, size_t size)
{
    struct search search = {.name = path, .nearest = NAME_MAX_LEN + 1};
    const struct setting *setting;

    candidate(&search, "config", strlen("config"));
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++)
        candidate(&search, setting->path, strlen(setting->path));
    if (search.nearest > 1 + strlen(path) / 3)
        snprintf(search.known, sizeof search.known, "those of sideseat.json(5)");
    search_tell(&search, out, size);
}

void suggest_member(const char *section, const char *prefix, const char *name, const char *more,
                    char *out, size_t size)
{
    struct search search = {.name = name, .nearest = NAME_MAX_LEN + 1};
    size_t len = strlen(prefix);
    const struct setting *setting;

    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        if (strcmp(setting_section(setting), section) != 0 ||
            strncmp(setting->path, prefix, len) != 0)
            continue;
        candidate(&search, setting->path + len, strcspn(setting->path + len, "."));
    }
    while (*more != '\0') {
        size_t n = strcspn(more, " ");
        candidate(&search, more, n);
        more += n + strspn(more + n, " ");
    }
    search_tell(&search, out, size);
}
