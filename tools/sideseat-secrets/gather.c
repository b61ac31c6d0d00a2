/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/gather.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/line_shape.h"
#include "store/scope.h"

#define KINDS_MAX 64

static const char more_format[] = " (and %zu more like this)";

struct gather {
    size_t count;
    size_t next;
    struct kind {
        char *text; /* the first of this kind */
        uint64_t shape;
        uint64_t what; /* the shape of the fault's own words */
        CK_RV rv;
        size_t more;
    } kinds[KINDS_MAX];
};

struct gather *gather_new(void)
{
    return calloc(1, sizeof(struct gather));
}

void gather_free(struct gather *gather)
{
    for (size_t i = 0; gather != NULL && i < gather->count; i++)
        free(gather->kinds[i].text);
    free(gather);
}

/* Puts "global/" in place of each `key` in the text, so that its words are one that has a key. */
static void replace_key(char *text, const char *key)
{
    static const char sign[] = "global/";
    size_t len = strlen(key);

    for (char *at = text; len >= sizeof sign && (at = strstr(at, key)) != NULL; at++) {
        memcpy(at, sign, sizeof sign - 1);
        memmove(at + sizeof sign - 1, at + len, strlen(at + len) + 1);
    }
}

/* What is left of a line without the thing's key, whether it has spaces or not. */
static uint64_t shape_of(const struct gather_fault *fault, const char *text)
{
    char begin[LABEL_SIZE];
    char rest[LABEL_SIZE];
    char full[STORE_KEY_MAX + 1];
    size_t len = 0;

    if (fault->thing != NULL)
        len = (size_t)snprintf(begin, sizeof begin, "cannot %s %s: ", fault->what, fault->thing);
    if (len >= sizeof begin || strncmp(text, begin, len) != 0)
        len = 0;
    (void)snprintf(rest, sizeof rest, "%s", text + len);
    if (len > 0 && store_scope_complete(fault->thing, strlen(fault->thing), full) == STORE_OK)
        replace_key(rest, full);
    return store_line_shape(rest);
}

/* Takes "(and 19 more like this)" off the end; gives the number, 0 if it is not there. */
static size_t take_more(char *text)
{
    char *at = strrchr(text, '(');
    char same[64];
    size_t more = 0;

    if (at == NULL || at == text || sscanf(at - 1, more_format, &more) != 1)
        return 0;
    (void)snprintf(same, sizeof same, more_format, more);
    if (strcmp(at - 1, same) != 0)
        return 0;
    at[-1] = '\0';
    return more;
}

static bool is_same(const struct kind *kind, const struct gather_fault *fault)
{
    return kind->rv == fault->rv && kind->what == store_line_shape(fault->what);
}

bool gather_again(struct gather *gather, const struct gather_fault *fault)
{
    for (size_t i = 0; gather != NULL && i < gather->count; i++) {
        if (!is_same(&gather->kinds[i], fault))
            continue;
        gather->kinds[i].more++;
        return true;
    }
    return false;
}

bool gather_add(struct gather *gather, const struct gather_fault *fault, const char *text)
{
    char own[LABEL_SIZE];
    struct kind kind = {.what = store_line_shape(fault->what), .rv = fault->rv};

    if (gather == NULL)
        return false;
    (void)snprintf(own, sizeof own, "%s", text);
    /* a bulk read's line counts secrets of which each is a line here */
    kind.more = take_more(own);
    if (fault->thing != NULL)
        kind.more = 0;
    kind.shape = shape_of(fault, own);
    for (size_t i = 0; i < gather->count; i++) {
        if (!is_same(&gather->kinds[i], fault) || gather->kinds[i].shape != kind.shape)
            continue;
        gather->kinds[i].more += 1 + kind.more;
        return true;
    }
    kind.text = gather->count < KINDS_MAX ? strdup(own) : NULL;
    if (kind.text == NULL)
        return false;
    gather->kinds[gather->count++] = kind;
    return true;
}

bool gather_next(struct gather *gather, char out[LABEL_SIZE])
{
    char more[64] = "";
    const struct kind *kind;

    if (gather == NULL || gather->next == gather->count)
        return false;
    kind = &gather->kinds[gather->next++];
    if (kind->more > 0)
        (void)snprintf(more, sizeof more, more_format, kind->more);
    (void)snprintf(out, LABEL_SIZE, "%.*s%s", (int)(LABEL_SIZE - sizeof more), kind->text, more);
    return true;
}
