/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-store/modes.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/launch.h"
#include "store/remote/host.h"
#include "store/remote/lines.h"
#include "tools/sideseat-store/closing.h"
#include "tools/sideseat-store/process.h"

int inherited_run(char *const *arguments)
{
    static struct host host;
    struct channel control;
    int fd;

    if (!platform_launched(arguments, &control))
        return fputs("sideseat-store: --inherited is for the module\n", stderr), EXIT_FAILURE;
    if (control.fd < 0)
        return EXIT_SUCCESS;
    lines_redirect();
    host_init(&host, NULL);
    while ((fd = platform_launched_accept(&control)) >= 0)
        host_connection(&host, fd);
    process_drop_log();
    closing_run(&host);
}
