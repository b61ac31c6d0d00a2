/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/path.h"

#include <string.h>
#include <strings.h>

#include "backends/http/http.h"

enum store_err vault_path_add(struct vault_path *path, const char *text)
{
    size_t len = strlen(text);

    if (len >= sizeof path->text - path->len)
        return STORE_BAD_KEY;
    memcpy(path->text + path->len, text, len + 1);
    path->len += len;
    return STORE_OK;
}

static enum store_err segment_add(struct vault_path *path, const char *text, size_t len)
{
    if (len == 0 || (len == 1 && text[0] == '.') || (len == 2 && memcmp(text, "..", 2) == 0))
        return STORE_BAD_KEY;
    TRY(vault_path_add(path, "/"));
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        char escaped[4];

        if (byte < ' ' || byte == 0x7f)
            return STORE_BAD_KEY;
        (void)http_escape(byte, escaped);
        TRY(vault_path_add(path, escaped));
    }
    return STORE_OK;
}

enum store_err vault_path_segments(struct vault_path *path, const char *text)
{
    size_t end = strlen(text);

    if (end > 0 && *text == '/') {
        text++;
        end--;
    }
    if (end > 0 && text[end - 1] == '/')
        end--;
    if (end > 0 && text[end - 1] == '/')
        return STORE_BAD_KEY;
    for (const char *stop = text + end; text < stop;) {
        const char *slash = memchr(text, '/', (size_t)(stop - text));
        size_t len = slash == NULL ? (size_t)(stop - text) : (size_t)(slash - text);

        TRY(segment_add(path, text, len));
        text += len + 1;
    }
    return STORE_OK;
}

bool vault_host_loopback(const char *url)
{
    const char *host = strstr(url, "://");
    size_t len;

    if (host == NULL)
        return false;
    host += 3;
    len = strcspn(host, ":/?#");
    if (strncmp(host, "[::1]", 5) == 0)
        return strchr(":/?#", host[5]) != NULL; /* or the end */
    if (len == 9 && strncasecmp(host, "localhost", len) == 0)
        return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}
