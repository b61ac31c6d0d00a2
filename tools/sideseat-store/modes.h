/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_STORE_MODES_H
#define TOOLS_SIDESEAT_STORE_MODES_H

/* The ways to run, each until its end; main's result. */

/* For the module that started it: connections come over the control channel (platform/launch.h).
 * Ends when that closes or the host ends, whichever is first: a child that the host has forked
 * keeps the channel open, and does not need us. */
int inherited_run(char *const *arguments);

/* For every process of this user, at a place of platform_path_is_socket. */
int listen_run(const char *place);

/* The same on the socket that systemd hands over (sd_listen_fds(3)). */
int activated_run(void);

#endif
