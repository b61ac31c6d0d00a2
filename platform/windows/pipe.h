/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_PIPE_H
#define PLATFORM_WINDOWS_PIPE_H

#include "platform/windows/api.h"

/* Makes a pipe for both directions, the server's end and the client's, which no program inherits.
 * False, with errno. */
bool windows_pipe_pair(HANDLE ends[2]);

#endif
