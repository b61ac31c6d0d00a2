/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/request.h"

/* On a system without files in memory no editor gets a value: what editors leave on a disk stays
 * there. */
enum outcome command_edit(const struct request *request)
{
    (void)request;
    outcome_print(
        "edit is not on this system, which has no file that never touches a disk; use get "
        "and set");
    return OUTCOME_USAGE;
}
