/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/comment.h"

#include <stdio.h>
#include <string.h>

#include "store/time.h"

void comment_format(const struct comment *comment, char out[COMMENT_SIZE])
{
    char created[STORE_TIME_TEXT_SIZE];
    char updated[STORE_TIME_TEXT_SIZE];

    store_time_format(comment->created_ns, created);
    store_time_format(comment->updated_ns, updated);
    snprintf(out, COMMENT_SIZE, "sideseat created=%s updated=%s version=%s bytes=%zu",
             created[0] == '\0' ? "-" : created, updated, comment->revision, comment->bytes);
}

void comment_parse(const char *text, struct comment *out)
{
    char created[STORE_TIME_TEXT_SIZE];
    char updated[STORE_TIME_TEXT_SIZE];
    char again[COMMENT_SIZE];
    struct comment found = {0};
    unsigned bytes;

    *out = (struct comment){0};
    if (sscanf(text, "sideseat created=%39s updated=%39s version=%16s bytes=%9u", created, updated,
               found.revision, &bytes) != 4 ||
        !target_is_revision(found.revision) || bytes == 0)
        return;
    found.created_ns = store_time_parse(created, strlen(created));
    found.updated_ns = store_time_parse(updated, strlen(updated));
    found.bytes = bytes;
    comment_format(&found, again);
    if (strcmp(again, text) == 0)
        *out = found;
}
