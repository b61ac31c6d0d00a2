/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_WINDOWS_LAUNCH_H
#define PLATFORM_PROGRAMS_WINDOWS_LAUNCH_H

#include "platform/windows/api.h"

/* Starts a program as platform_become has it, which ends with this process; what it starts itself
 * may go on. 0 or an errno; the caller closes the handle. */
int windows_launch(char **program, char **variables, HANDLE *process);

#endif
