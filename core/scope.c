/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scope.h"

#include <stdio.h>
#include <string.h>

#include "store/log.h"
#include "store/utf8.h"

/* True if a scope key may contain the part; `slashes` permits '/', too. Control characters are
 * those of Unicode's category Cc: U+0000 to U+001F and U+007F to U+009F. */
static bool part_valid(const char *part, size_t len, bool slashes)
{
    const unsigned char *s = (const unsigned char *)part;
    size_t n;

    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i += n) {
        n = 1;
        if (s[i] >= 0x20 && s[i] < 0x7f && (slashes || s[i] != '/'))
            continue;
        if (s[i] < 0x80)
            return false;
        n = store_utf8_sequence(s + i, len - i);
        if (n == 0 || (n == 2 && s[i] == 0xc2 && s[i + 1] < 0xa0))
            return false;
    }
    return true;
}

/* The scope that the key's first part names; NULL if it is not a scope. */
static const char *scope_named(const char *part, size_t len)
{
    static const char *const scopes[] = {"global", "org", "project", "user"};

    for (size_t i = 0; len > 0 && i < sizeof scopes / sizeof scopes[0]; i++)
        if (scopes[i][0] == part[0] && strlen(scopes[i]) == len &&
            memcmp(scopes[i], part, len) == 0)
            return scopes[i];
    return NULL;
}

enum store_err store_scope_parse(const char *key, size_t len, struct store_scope_key *out)
{
    struct store_scope_key parsed = {0};
    const char *end = key + len;
    const char *slash;

    if (len == 0 || len > STORE_KEY_MAX || (slash = memchr(key, '/', len)) == NULL)
        return STORE_BAD_KEY;
    parsed.scope = scope_named(key, (size_t)(slash - key));
    if (parsed.scope == NULL)
        return STORE_BAD_KEY;
    parsed.name = slash + 1;
    if (parsed.scope[0] != 'g') {
        parsed.id = parsed.name;
        slash = memchr(parsed.id, '/', (size_t)(end - parsed.id));
        if (slash == NULL)
            return STORE_BAD_KEY;
        parsed.id_len = (size_t)(slash - parsed.id);
        parsed.name = slash + 1;
        if (!part_valid(parsed.id, parsed.id_len, false))
            return STORE_BAD_KEY;
    }
    parsed.name_len = (size_t)(end - parsed.name);
    if (!part_valid(parsed.name, parsed.name_len, parsed.id_len > 0))
        return STORE_BAD_KEY;
    if (out != NULL)
        *out = parsed;
    return STORE_OK;
}

enum store_err store_scope_complete(const char *label, size_t len, char out[STORE_KEY_MAX + 1])
{
    static const char global[] = "global/";
    size_t prefix = memchr(label, '/', len) == NULL ? sizeof global - 1 : 0;

    if (len == 0 || len > STORE_KEY_MAX - prefix)
        return STORE_BAD_KEY;
    memcpy(out, global, prefix);
    memcpy(out + prefix, label, len);
    out[prefix + len] = '\0';
    return store_scope_parse(out, prefix + len, NULL);
}

enum store_err store_scope_prefix(const char *scope, size_t len, char out[STORE_KEY_MAX + 1])
{
    const char *slash = memchr(scope, '/', len);
    size_t first = slash == NULL ? len : (size_t)(slash - scope);
    const char *named = scope_named(scope, first);

    if (named == NULL || len >= STORE_KEY_MAX)
        return STORE_BAD_KEY;
    if (slash != NULL && (named[0] == 'g' || !part_valid(slash + 1, len - first - 1, false)))
        return STORE_BAD_KEY;
    memcpy(out, scope, len);
    out[len] = '/';
    out[len + 1] = '\0';
    return STORE_OK;
}

void store_scope_warn_unnamed(const char *backend, size_t count)
{
    if (count > 0)
        store_log(
            STORE_LOG_WARNING,
            "%s: %zu secrets have a name that no key can have (a control character, more than "
            "%d bytes, not UTF-8, or without a scope) and are not listed; rename them in "
            "the store",
            backend, count, STORE_KEY_MAX);
}

void store_scope_tell_unnamed(char *text, size_t size, size_t count)
{
    size_t len = strlen(text);

    if (count > 0)
        snprintf(text + len, size - len, "; %zu more have a name that no key can have", count);
}
