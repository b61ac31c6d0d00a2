/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tools/sideseat-secrets/process.h"
#include "tools/sideseat-secrets/request.h"
#include "store/descriptor.h"

int main(int argc, char **argv)
{
    struct request request = {0};
    enum outcome outcome;

    store_fd_fill_standard();
    /* Values pass through this program and the module: neither is to end up in a core file. */
    process_guard();
    request_parse(&request, argc, argv);
    outcome = request.command->run(&request);
    request_free(&request);
    if (fflush(stdout) != 0 && outcome == OUTCOME_OK) {
        outcome_print("cannot write to standard output");
        outcome = OUTCOME_FAILED;
    }
    outcome_end(outcome);
    return (int)outcome;
}
