/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_LISTENER_H
#define PLATFORM_PROGRAMS_LISTENER_H

#include <stdbool.h>

/*
 * How a shared store process takes in connections, and is told to end; a process listens at one
 * place. Only its main thread calls these functions. The reason of a failure is on standard error.
 */

/* Catches the requests to end: SIGTERM and SIGINT; on Windows Ctrl-C, Ctrl-Break, and the end of
 * the console or of the session. Called before any other thread starts. */
bool listener_begin(void);

/* Listens at a place (platform_path_is_socket), for this user alone. Of several processes that do
 * so at once exactly one succeeds; a place that an ended process has left is free. */
bool listener_open(const char *place);

/* Listens on the socket that systemd hands over (sd_listen_fds(3)); false on other systems. */
bool listener_take(void);

enum listener_event {
    LISTENER_CONNECTION, /* `fd` is one end of it, as in struct channel; the caller asks
                            channel_peer for the user at the other end */
    LISTENER_NOTHING,    /* a client came and has gone again */
    LISTENER_CROWDED,    /* there is no room, as errno says, and a pause has passed; new clients
                            wait until there is */
    LISTENER_END         /* the process shall end */
};

/* Waits for the next event, for as long as it takes. */
enum listener_event listener_next(int *fd);

/* What a person does about LISTENER_CROWDED. */
extern const char listener_remedy[];

/* Lets nobody in any more, and leaves the place. */
void listener_close(void);

#endif
