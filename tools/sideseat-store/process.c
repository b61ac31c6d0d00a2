/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-store/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/sideseat-store/hide.h"
#include "store/descriptor.h"

void process_protect(void)
{
    const struct rlimit none = {0, 0};

    store_fd_fill_standard();
    hide();
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    if (chdir("/") != 0)
        fprintf(stderr, "sideseat-store: cannot go to /: %s\n", strerror(errno));
}

void process_drop_log(void)
{
    int nowhere = store_fd_high(open("/dev/null", O_WRONLY | O_CLOEXEC));

    if (nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
}

void process_end_within(unsigned seconds)
{
    alarm(seconds);
}
