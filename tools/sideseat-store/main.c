/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/sideseat-store/modes.h"
#include "store/descriptor.h"
#include "store/user.h"

static const char usage[] =
    "Usage: sideseat-store --listen PATH\n"
    "       sideseat-store --activated\n"
    "Runs the stores that the module sideseat-pkcs11 does not run itself. The module starts it as\n"
    "it needs it; started by hand it serves every process of this user.\n"
    "\n"
    "  -l, --listen=PATH  listen on a UNIX socket (pkcs11.store.socket of the hosts)\n"
    "  -a, --activated    listen on the socket that systemd has made\n"
    "  -h, --help         show this, and end\n"
    "  -V, --version      show the version, and end\n";

/* The process holds credentials and values: no core dump, no debugger of the same user. Its memory
 * as a whole is not locked: that would pin TLS libraries and every stack and soon exceed the usual
 * limit; the memory of secrets is locked block by block (store/secret.h). */
static void protect(void)
{
    const struct rlimit none = {0, 0};

    store_fd_fill_standard();
    prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGPIPE, SIG_IGN);
    umask(077);
    if (chdir("/") != 0)
        fprintf(stderr, "sideseat-store: cannot go to /: %s\n", strerror(errno));
}

static int wrong_usage(void)
{
    fputs(usage, stderr);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},
        {"activated", no_argument, NULL, 'a'},
        {"inherited", no_argument, NULL, 'i'},
        {"privileged", no_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    const char *path = NULL;
    int mode = 0;
    int option;

    protect();
    while ((option = getopt_long(argc, argv, "l:ahV", options, NULL)) != -1) {
        if (option == 'h')
            return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (option == 'V')
            return printf("sideseat-store %s\n", SIDESEAT_VERSION) < 0 ? EXIT_FAILURE
                                                                       : EXIT_SUCCESS;
        if (option == 'p') { /* with --inherited: so is the host */
            store_privileged_set();
            continue;
        }
        if (option == '?' || mode != 0)
            return wrong_usage();
        mode = option;
        path = optarg;
    }
    if (optind < argc || mode == 0)
        return wrong_usage();
    if (mode == 'i')
        return inherited_run();
    return mode == 'a' ? activated_run() : listen_run(path);
}
