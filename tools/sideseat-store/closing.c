/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-store/closing.h"

#include <stdlib.h>
#include <unistd.h>

#include "tools/sideseat-store/process.h"

/* How long closing the stores may take before the process ends all the same. */
#define CLOSING_S 2

void closing_run(struct host *host)
{
    process_end_within(CLOSING_S);
    if (atomic_load(&host->calls) == 0 && atomic_load(&host->checks) == 0)
        host_free(host);
    else
        host_leave(host);
    _exit(EXIT_SUCCESS);
}
