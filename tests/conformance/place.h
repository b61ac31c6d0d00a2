/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_PLACE_H
#define TESTS_CONFORMANCE_PLACE_H

#include <stdbool.h>

/*
 * The place where a backend keeps the secrets of one test, and its properties for the suite. The
 * scripts of tests/servers start the servers.
 */
struct place {
    const char *backend;  /* its name in the registry */
    bool elsewhere;       /* the test must keep HOME and the variables of the bus and the clouds */
    bool read_only;       /* secrets come from the environment */
    bool until_exit;      /* secrets end with C_Finalize */
    bool no_times;        /* the store keeps no times */
    const char *variable; /* names the place in the store; NULL: the test's own folder is it */
    const char *configuration; /* settings that show other processes' changes and deletions
                                  at once; NULL: without any */
    bool (*short_keys)(void);  /* true if the store does not take the longest keys; NULL: it does */
    bool (*make)(void);        /* empties the store; NULL: a new name is an empty place */
    void (*remove)(void);      /* NULL: nothing is left outside the test's folder */
};

/* The place of a backend, NULL if there is none. */
const struct place *place_find(const char *backend);

/* Makes a new, empty place and writes its name in the environment. False if that is not possible.
 */
bool place_make(const struct place *place);

/* The configuration that most tests want, as JSON. */
const char *place_configuration(const struct place *place);

/* For the Credential Manager of Windows; in child.c of each system. The first removes the user's
 * secrets, and is false on other systems. */
bool system_credentials_make(void);
bool system_credentials_short(void);

/* True if the store takes keys of 255 bytes. */
bool place_takes_long_keys(const struct place *place);

/* Removes the place. */
void place_remove(const struct place *place);

#endif
