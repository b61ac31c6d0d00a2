/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_WRITER_H
#define TOOLS_SIDESEAT_SECRETS_WRITER_H

#include "tools/sideseat-secrets/transfer.h"

/* Writes the secrets that are ABSENT or REPLACED to the token of the client, several at a time, and
 * shows the progress on a terminal. Each becomes WRITTEN, CONFLICT (another program was faster) or
 * FAILED; a failure of the store itself ends the writing, and the rest is FAILED with that. */
void writer_run(struct transfer *transfer, struct client *client);

#endif
