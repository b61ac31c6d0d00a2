/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_PIPE_H
#define PLATFORM_WINDOWS_PIPE_H

#include <stdint.h>

#include "platform/windows/api.h"

/* How long the whole name of a pipe may be. */
#define WINDOWS_PIPE_NAME_MAX 256

/* Makes a pipe for both directions, the server's end and the client's, which no program inherits.
 * False, with errno. */
bool windows_pipe_pair(HANDLE ends[2]);

/* The name of a pipe for a place of a shared store process (platform_path_is_socket); the caller
 * frees it. NULL with errno: EINVAL for another text. */
wchar_t *windows_pipe_name(const char *place);

/* Makes a server's end of a pipe, for this user alone and no other machine. The pipe has up to
 * `count` of them; with `first` it must not exist yet, else it must be this process's.
 * INVALID_HANDLE_VALUE with errno: EEXIST if the pipe exists. */
HANDLE windows_pipe_serve(const wchar_t *name, bool first, DWORD count);

/* The time until a deadline of platform/channel.h, for functions of Windows that wait. */
DWORD windows_wait_ms(int64_t deadline);

#endif
