/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/redirect.h"

#include <string.h>
#include <strings.h>

/* A host and its port, as slices of a URL or of an item of vault.nodes. */
struct place {
    const char *host;
    size_t host_len;
    const char *port; /* empty: the URL names no port */
    size_t port_len;
};

/* Splits `len` bytes of the form [scheme://]host[:port][/…]. */
static struct place place_of(const char *text, size_t len)
{
    const char *scheme = memmem(text, len, "://", 3);
    const char *end = text + len;
    struct place place = {.host = scheme == NULL ? text : scheme + 3};
    const char *slash = memchr(place.host, '/', (size_t)(end - place.host));
    const char *colon;
    size_t bracket = 0;

    end = slash == NULL ? end : slash;
    if (place.host < end && *place.host == '[') {
        const char *close = memchr(place.host, ']', (size_t)(end - place.host));
        bracket = close == NULL ? 0 : (size_t)(close - place.host);
    }
    colon = memchr(place.host + bracket, ':', (size_t)(end - place.host) - bracket);
    place.host_len = (size_t)((colon == NULL ? end : colon) - place.host);
    place.port = colon == NULL ? end : colon + 1;
    place.port_len = (size_t)(end - place.port);
    return place;
}

static bool slices_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static bool hosts_same(const struct place *a, const struct place *b)
{
    return a->host_len > 0 && slices_same(a->host, a->host_len, b->host, b->host_len);
}

/* True if vault.nodes, which commas and blanks divide, has the host. An item with a port means that
 * port only. */
static bool node_named(const char *nodes, const struct place *to, bool https)
{
    const char *port = to->port_len > 0 ? to->port : https ? "443" : "80";
    size_t port_len = to->port_len > 0 ? to->port_len : strlen(port);

    while (nodes != NULL && *nodes != '\0') {
        size_t len = strcspn(nodes, ", ");
        struct place item = place_of(nodes, len);

        if (hosts_same(&item, to) &&
            (item.port_len == 0 || slices_same(item.port, item.port_len, port, port_len)))
            return true;
        nodes += len;
        nodes += strspn(nodes, ", ");
    }
    return false;
}

bool vault_redirect_allowed(const struct store_ctx *ctx, const struct vault_call *call,
                            const char *location)
{
    bool https = strncasecmp(location, "https://", 8) == 0;
    const char *rest = strstr(location, "://");
    const char *path = rest == NULL ? NULL : strchr(rest + 3, '/');
    struct place from = place_of(ctx->address, strlen(ctx->address));
    struct place to;

    if (!https && strncasecmp(location, "http://", 7) != 0)
        return false;
    if (path == NULL || strncmp(path, "/v1", 3) != 0 || strcmp(path + 3, call->path.text) != 0)
        return false;
    /* only a URL that every client reads alike */
    if (strcspn(rest + 3, "@\\?# ") < (size_t)(path - (rest + 3)))
        return false;
    to = place_of(location, strlen(location));
    if (!hosts_same(&from, &to) && !node_named(ctx->nodes, &to, https))
        return false;
    if (https)
        return true;
    return strncasecmp(ctx->address, "https://", 8) != 0 &&
           (ctx->allow_http || vault_host_loopback(location));
}
