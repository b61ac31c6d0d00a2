/* SPDX-License-Identifier: Apache-2.0 */
#include "store/nearest.h"

#include <string.h>

/* Levenshtein's distance, in one row. */
static size_t distance(const char *a, const char *b, size_t len)
{
    size_t row[STORE_NEAREST_MAX + 1];

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

void store_nearest_begin(struct store_nearest *search, const char *name)
{
    *search = (struct store_nearest){.name = name, .distance = STORE_NEAREST_MAX + 1};
}

void store_nearest_add(struct store_nearest *search, const char *candidate, size_t len)
{
    size_t far;

    if (len > STORE_NEAREST_MAX || strlen(search->name) > STORE_NEAREST_MAX)
        return;
    far = distance(search->name, candidate, len);
    if (far >= search->distance)
        return;
    search->distance = far;
    memcpy(search->best, candidate, len);
    search->best[len] = '\0';
}

const char *store_nearest_word(const struct store_nearest *search)
{
    size_t near =
        1 + strlen(search->name) / 3; /* the number of typing errors that still count as similar */

    return search->distance <= near ? search->best : NULL;
}
