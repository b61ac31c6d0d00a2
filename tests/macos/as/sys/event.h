/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_AS_SYS_EVENT_H
#define TESTS_MACOS_AS_SYS_EVENT_H

#include <stdint.h>
#include <time.h>

/* The one use of a kqueue that platform/macos makes: the end of one process. */

struct kevent {
    uintptr_t ident;
    int16_t filter;
    uint16_t flags;
    uint32_t fflags;
    intptr_t data;
    void *udata;
};

#define EVFILT_PROC (-5)
#define EV_ADD 0x0001
#define NOTE_EXIT 0x80000000U
#define EV_SET(event, ...) (*(event) = (struct kevent){__VA_ARGS__})

int kqueue(void);

/* A process that has ended is ESRCH, reaped or not. Everything else is EINVAL. */
int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *events,
           int event_count, const struct timespec *limit);

#endif
