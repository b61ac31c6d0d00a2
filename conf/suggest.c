/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/suggest.h"

#include <stdio.h>
#include <string.h>

#include "conf/settings.h"
#include "store/backend.h"
#include "store/nearest.h"

/* A search for the most similar name. Keeps all names, in case none is similar. */
struct search {
    struct store_nearest nearest;
    char known[512];
};

static void candidate(struct search *search, const char *name, size_t len)
{
    size_t used = strlen(search->known);
    char quoted[STORE_NEAREST_MAX + 5];

    snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)len, name);
    if (strstr(search->known, quoted) != NULL)
        return; /* an object has as many rows as members */
    snprintf(search->known + used, sizeof search->known - used, "%s%s", used == 0 ? "" : ", ",
             quoted);
    store_nearest_add(&search->nearest, name, len);
}

static void search_tell(const struct search *search, char *out, size_t size)
{
    const char *word = store_nearest_word(&search->nearest);

    if (word != NULL)
        snprintf(out, size, "; did you mean \"%s\"?", word);
    else if (search->known[0] != '\0')
        snprintf(out, size, "; known here are: %s", search->known);
    else
        snprintf(out, size, "; leave it out");
}

void suggest_path(const char *path, char *out, size_t size)
{
    struct search search = {0};
    const struct setting *setting;

    store_nearest_begin(&search.nearest, path);
    candidate(&search, "config", strlen("config"));
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++)
        candidate(&search, setting->path, strlen(setting->path));
    snprintf(search.known, sizeof search.known, "those of sideseat.json(5)");
    search_tell(&search, out, size);
}

void suggest_member(const char *section, const char *prefix, const char *name, const char *more,
                    char *out, size_t size)
{
    struct search search = {0};
    size_t len = strlen(prefix);
    const struct setting *setting;

    store_nearest_begin(&search.nearest, name);
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

void suggest_value(const struct setting *setting, const char *value, size_t len, char *out,
                   size_t size)
{
    const struct store_registration *row;
    const char *choices = setting->type == SETTING_CHOICE ? setting->choices : "";
    struct store_nearest search;
    char name[STORE_NEAREST_MAX + 2]; /* a longer one, cut, is still near to nothing */
    size_t used;

    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), value);
    setting_describe(setting, out, size);
    store_nearest_begin(&search, name);
    while (*choices != '\0') {
        size_t n = strcspn(choices, " ");
        store_nearest_add(&search, choices, n);
        choices += n + strspn(choices + n, " ");
    }
    for (size_t i = 0; setting->type == SETTING_BACKEND && (row = store_registry_at(i)) != NULL;
         i++)
        store_nearest_add(&search, row->name, strlen(row->name));
    used = strlen(out);
    if (store_nearest_word(&search) != NULL)
        snprintf(out + used, size - used, "; did you mean \"%s\"?", store_nearest_word(&search));
}
