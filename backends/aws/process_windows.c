/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include "store/log.h"

/* The words of a command are split in another way on Windows, and nothing here does that. */
enum store_err aws_keys_from_process(const struct aws_net *net, const char *profile,
                                     const char *command, struct aws_keys *out)
{
    (void)net;
    (void)command;
    (void)out;
    store_log(STORE_LOG_ERROR,
              "aws: credential_process of profile %s is not run on Windows; give the profile keys, "
              "a role, or single sign-on",
              profile);
    return STORE_BAD_CONF;
}
