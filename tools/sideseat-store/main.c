/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/sideseat-store/modes.h"
#include "tools/sideseat-store/process.h"
#include "store/user.h"

static const char usage[] =
    "Usage: sideseat-store --listen PATH\n"
    "       sideseat-store --activated\n"
    "Runs the stores that the module sideseat-pkcs11 does not run itself. The module starts it as\n"
    "it needs it; started by hand it serves every process of this user.\n"
    "\n"
    "  -l, --listen=PATH  listen on a UNIX socket; on Windows on a pipe, \\\\.\\pipe\\NAME, or on "
    "the\n"
    "                     user's own, \"default\" (pkcs11.store.socket of the hosts)\n"
    "  -a, --activated    listen on the socket that systemd has made\n"
    "  -h, --help         show this, and end\n"
    "  -V, --version      show the version, and end\n";

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
    const char *place = NULL;
    int mode = 0;
    int option;

    process_protect();
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
        place = optarg;
    }
    if (optind < argc || mode == 0)
        return wrong_usage();
    if (mode == 'i')
        return inherited_run(argv);
    return mode == 'a' ? activated_run() : listen_run(place);
}
