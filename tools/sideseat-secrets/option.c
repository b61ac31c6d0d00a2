/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/option.h"

bool option_given(const struct request *request, int key)
{
    for (size_t i = 0; i < request->option_count; i++)
        if (request->options[i].key == key)
            return true;
    return false;
}

const char *option_text(const struct request *request, int key)
{
    const char *text = NULL;

    for (size_t i = 0; i < request->option_count; i++)
        if (request->options[i].key == key)
            text = request->options[i].text;
    return text;
}
