/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "platform/programs/start.h"
#include "store/descriptor.h"
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/request.h"

int main(int argc, char **argv)
{
    struct request request = {0};
    enum outcome outcome;
    enum outcome printed;

    store_fd_fill_standard();
    if (!platform_start(&argc, &argv)) {
        outcome_print("cannot read the command line: %s", strerror(errno));
        return OUTCOME_USAGE;
    }
    /* Values pass through this program and the module: neither is to end up in a core file. */
    platform_guard();
    request_parse(&request, argc, argv);
    outcome = request.command->run(&request);
    request_free(&request);
    printed = print_end();
    if (outcome == OUTCOME_OK)
        outcome = printed;
    outcome_end(outcome);
    return (int)outcome;
}
