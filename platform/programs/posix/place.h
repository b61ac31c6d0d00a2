/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_POSIX_PLACE_H
#define PLATFORM_PROGRAMS_POSIX_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

/*
 * The place in the file system that a shared store process listens at. Whoever changes something
 * there holds the lock on the file PATH.lock, so of several that are started at once exactly one
 * listens, and none removes the socket of another. The lock file stays: removing it would give the
 * next two a lock each.
 */
struct place {
    const struct sockaddr_un *address;
    struct stat socket; /* the one that was made */
};

/* Makes the socket and listens on it, in the place of one whose process has ended. False, with the
 * reason on standard error: somebody listens there, or it cannot be made. */
bool place_claim(struct place *place, int listener);

/* Removes the socket if it is still the one that was made. */
void place_leave(struct place *place);

#endif
