/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ERR_H
#define STORE_ERR_H

/*
 * The errors below the Cryptoki line: one list, negative codes, zero for success. A code carries no
 * text. The function that first sees a failure logs it once (store/log.h), with the remedy, and
 * returns the code; its callers pass it on unchanged.
 *
 * NOT_FOUND, LOCKED, DENIED, AUTH, UNAVAILABLE and TIMEOUT are different answers, and none replaces
 * another: only NOT_FOUND lets a caller believe that a secret does not exist. NO_VALUE is a secret
 * that exists and never had a value, so none can be lost.
 */
#define STORE_ERRORS(X)                                                                            \
    X(NOT_FOUND, -1, "no such secret")                                                             \
    X(CONFLICT, -2, "the secret is not at the expected version")                                   \
    X(LOCKED, -3, "the store is locked and a login would unlock it")                               \
    X(DENIED, -4, "the store denies access")                                                       \
    X(AUTH, -5, "the store's credentials are missing, expired or wrong")                           \
    X(UNAVAILABLE, -6, "the store cannot be reached")                                              \
    X(TIMEOUT, -7, "the store did not answer by the deadline")                                     \
    X(CANCELED, -8, "the prompt was dismissed")                                                    \
    X(READ_ONLY, -9, "the store is read-only")                                                     \
    X(TOO_BIG, -10, "the value or key exceeds the store's limit")                                  \
    X(FULL, -11, "the store has no room left")                                                     \
    X(CORRUPT, -12, "the stored data is damaged")                                                  \
    X(BAD_KEY, -13, "not a valid scope key for this store")                                        \
    X(BAD_VALUE, -14, "not a value this store can hold")                                           \
    X(BAD_CONF, -15, "the configuration is wrong")                                                 \
    X(UNSUPPORTED, -16, "the store cannot do this")                                                \
    X(UNCHANGED, -17, "nothing has changed since the given generation")                            \
    X(NO_MEMORY, -18, "out of memory")                                                             \
    X(FAILED, -19, "an operating system call failed")                                              \
    X(NO_VALUE, -20, "the secret has no value yet")

enum store_err {
    STORE_OK = 0,
#define STORE_ERR_ENUM(name, code, text) STORE_##name = (code),
    STORE_ERRORS(STORE_ERR_ENUM)
#undef STORE_ERR_ENUM
};

/* Marks every function that can fail: code that ignores the result does not compile. */
#define STORE_CHECKED __attribute__((warn_unused_result))

/* The only guard below the Cryptoki line: returns the error of `expr`, if any, from the
 * function. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        enum store_err try_err_ = (expr);                                                          \
        if (try_err_ != STORE_OK)                                                                  \
            return try_err_;                                                                       \
    } while (0)

/* A short English text for a code (never NULL, static); unknown codes give "unknown error". */
const char *store_err_text(enum store_err err);

/* The code's name without its prefix, such as "NOT_FOUND" (never NULL, static). */
const char *store_err_name(enum store_err err);

#endif
