/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "store/backend.h"

void store_finding_tell(store_finding_fn *each, void *arg, const char *what, enum store_err err,
                        const char *remedy, const char *format, ...)
{
    struct store_finding finding = {.err = err};
    va_list args;

    (void)snprintf(finding.what, sizeof finding.what, "%s", what);
    (void)snprintf(finding.remedy, sizeof finding.remedy, "%s", remedy);
    va_start(args, format);
    (void)vsnprintf(finding.text, sizeof finding.text, format, args);
    va_end(args);
    each(arg, &finding);
}
