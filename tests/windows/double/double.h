/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_DOUBLE_DOUBLE_H
#define TESTS_WINDOWS_DOUBLE_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <wincred.h>

/*
 * A strict double of the Windows functions that the backend credential-manager calls, for Linux. It
 * enforces, and tests/windows/double/test_double.c shows:
 *
 *  1. target names compare without case; type and name are the key, and a write replaces the whole
 *     credential;
 *  2. a value has at most 2,560 bytes (else 1783), a comment 256 characters, a user name 513, a
 *     target name 32,767 (else 87), and each is there; a value may be empty;
 *  3. flags are 0 (else 1004), the type is generic, the persistence one of three (else 87);
 *  4. a filter is a name, or the beginning of one with a '*' at the end; not a match is 1168, as
 *     is a name that CredReadW and CredDeleteW do not find;
 *  5. the system sets LastWritten, in units of 100 ns;
 *  6. without a logon session each call is 1312; in one that keeps nothing, a credential that
 * should outlive it is 1312, too;
 *  7. a mutex belongs to a thread, a wait ends at its time, and the end of an owner abandons the
 *     mutex if anybody else has it open;
 *  8. the program ends (abort) if a call of the Credential Manager is outside of the turn that a
 *     mutex "Global\…" gives, if a value is not wiped before CredFree, or if the mutex has an
 *     access list that lets others in, or the same user out.
 *
 * The credentials are files in a folder, which several processes may use. The settings are this
 * process's; while they change, no other thread calls anything here.
 */
struct double_settings {
    bool no_session;     /* rule 6 */
    bool keeps_nothing;  /* rule 6: at most CRED_PERSIST_SESSION */
    DWORD mutex_refused; /* CreateMutexExW fails with it */
    bool wait_fails;     /* WaitForSingleObject is WAIT_FAILED, with ERROR_INVALID_HANDLE */
    int fail_at; /* the call, from 1, that fails with `fail_with` and does nothing; 0: none */
    DWORD fail_with;
    int die_at; /* the call before which the process is killed; 0: none */
};

extern struct double_settings double_settings;

/* Uses the credentials in `folder`, which exists, with default settings. */
void double_use(const char *folder);

/* Since double_use: calls of the Credential Manager but CredFree. */
int double_calls(void);

/* What another program does, which takes no turn: makes or replaces a generic credential. `comment`
 * NULL keeps the comment that it has. Or removes one. */
void double_put(const char *target, const char *comment, const void *value, size_t len);

void double_remove(const char *target);

/* The number of credentials whose names begin like this, in small letters. */
size_t double_count(const char *begin);

/* True if the calling thread has a mutex "Global\…". */
bool double_has_turn(void);

/* Ends the program, with the broken rule. */
_Noreturn void double_break(const char *rule);

/* Sets GetLastError, for DOUBLE_SILENTLY to 0, and returns FALSE. */
#define DOUBLE_SILENTLY 0xfffffffeu
BOOL double_error(DWORD code);

/* The folder of double_use. */
const char *double_folder(void);

#endif
