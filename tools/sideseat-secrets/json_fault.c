/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/json_fault.h"

#include <string.h>

const char *json_fault(json_error_t *error)
{
    char *near = strstr(error->text, " near ");

    if (near != NULL)
        *near = '\0';
    return error->text;
}
