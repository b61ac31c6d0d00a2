/* SPDX-License-Identifier: Apache-2.0 */
#include "store/url.h"

#include <stdio.h>
#include <string.h>

#include "store/utf8.h"

void store_url_show(const char *text, char *out, size_t size)
{
    const char *at = strrchr(text, '@');
    const char *scheme = strstr(text, "://");
    const char *quote = strchr(text, '\'');
    const char *begin = text;

    if (at != NULL && scheme != NULL && scheme < at)
        begin = scheme + 3;
    else if (at != NULL && quote != NULL && quote < at)
        begin = quote + 1;
    if (at == NULL)
        (void)snprintf(out, size, "%s", text);
    else
        (void)snprintf(out, size, "%.*s***%s", (int)(begin - text), text, at);
    store_utf8_defuse(out); /* it may have been cut in the middle of a character, too */
}
