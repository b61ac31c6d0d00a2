/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_OUTCOME_H
#define TOOLS_SIDESEAT_SECRETS_OUTCOME_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>

#include "store/err.h"

/*
 * How a command ended, which is also the exit status (sideseat-secrets(1), EXIT STATUS). Whoever
 * sees a failure first prints one line on standard error and returns the outcome; everybody above
 * passes it on. NOT_FOUND is printed by whoever knows what was looked for.
 */
enum outcome {
    OUTCOME_OK = 0,
    OUTCOME_FAILED = 1,
    OUTCOME_USAGE = 2,
    OUTCOME_NOT_FOUND = 3,
    OUTCOME_CONFLICT = 4,
    OUTCOME_LOCKED = 5,
    OUTCOME_UNREACHABLE = 6,
    OUTCOME_DENIED = 7,
    OUTCOME_NO_VALUE = 8,
    OUTCOME_UNAUTHENTICATED = 9,
    OUTCOME_DAMAGED = 10,
    OUTCOME_NOT_RUN = 126, /* the program, as env(1) has it */
    OUTCOME_NO_PROGRAM = 127,
};

/* Leaves the function with the outcome of `expr` unless it is OUTCOME_OK. */
#define STEP(expr)                                                                                 \
    do {                                                                                           \
        enum outcome step_outcome_ = (expr);                                                       \
        if (step_outcome_ != OUTCOME_OK)                                                           \
            return step_outcome_;                                                                  \
    } while (0)

/* Prints "sideseat-secrets: " and one line, as label_for_terminal shows it; or keeps the line for
 * outcome_end, where JSON is asked for. Never given a value. */
void outcome_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True: nothing is printed, of a failure that has been told already. Returns what was before. */
bool outcome_silence(bool on);

/* From here to outcome_gathered, or outcome_end, what outcome_of_rv says of many secrets is printed
 * there, and lines that differ only in the keys once: "… (and 19 more like this)". */
void outcome_gather(void);
void outcome_gathered(void);

/* True: lines are kept for outcome_end, which prints them as one line of JSON. */
void outcome_as_json(bool on);

/* Prints the module's last warnings, and the lines that were kept: {"status":3,"messages":[…]}. For
 * the end of the program, or before it becomes another one. */
void outcome_end(enum outcome outcome);

/* A login has worked: whoever finds the store locked now is not told to log in. */
void outcome_note_login(void);

/* Prints "cannot WHAT THING: " with the reason and the remedy for `rv` and gives its outcome: the
 * reason is the module's own, where it has logged one. */
enum outcome outcome_of_rv(const char *what, const char *thing, CK_RV rv) STORE_CHECKED;

/* The same for a condition of the request that the store does not meet (CKR_SIDESEAT_CONFLICT):
 * prints "cannot WHAT THING: REASON". */
enum outcome outcome_of_conflict(const char *what, const char *thing,
                                 const char *reason) STORE_CHECKED;

/* The same for a failure of which the caller knows more than the module, whose last line is left
 * out: FAILED. */
enum outcome outcome_of_refusal(const char *what, const char *thing,
                                const char *reason) STORE_CHECKED;

/* The outcome that an operation has on a store whose health is `word` ("DENIED", as status shows
 * it; the names of include/store/err.h). Nothing is printed. */
enum outcome outcome_of_health(const char *word);

/* The same for memory that cannot be had. */
enum outcome outcome_no_memory(void) STORE_CHECKED;

#endif
