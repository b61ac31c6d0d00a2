/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_STORE_CLOSING_H
#define TOOLS_SIDESEAT_STORE_CLOSING_H

#include "store/remote/host.h"

/* Ends the process. Calls that still run are for nobody. Without any the stores are closed, so that
 * what they hold at a server is given back; with one, its store cannot be. */
_Noreturn void closing_run(struct host *host);

#endif
