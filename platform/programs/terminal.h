/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_TERMINAL_H
#define PLATFORM_PROGRAMS_TERMINAL_H

#include <stddef.h>

#include "store/secret.h"

/* How a question at the terminal has ended. */
enum platform_answer {
    PLATFORM_ANSWERED,
    PLATFORM_NOTHING,     /* the input ended at once */
    PLATFORM_NO_TERMINAL, /* nobody can be asked */
    PLATFORM_UNREADABLE,  /* the terminal failed, with errno */
    PLATFORM_NO_MEMORY,
    PLATFORM_INTERRUPTED, /* by a signal that stopped this program, which goes on now; on Windows by
                             Ctrl-C or Ctrl-Break, which has not ended it */
};

/* Asks at the terminal, not at standard input, and reads one line of at most `most` bytes, without
 * its end, into `out` while nothing is shown. UNREADABLE with EMSGSIZE for a longer line. The
 * terminal is as before afterwards, also when a signal or a key ends the program. One thread. */
enum platform_answer platform_ask_hidden(const char *question, size_t most,
                                         struct store_secret *out);

#endif
