/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_PLACE_H
#define BACKENDS_FILE_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * The place of secrets.json, and all checks that reading it needs. Writing is in replace.h.
 */

#define FILE_NAME "secrets.json"

struct file_place {
    char *folder;
    char *path; /* folder/secrets.json */
};

/*
 * The identity of a state of the file. Two equal ones mean equal contents: a replacement by rename
 * is another inode or, if the number is reused, has another mtime, because this backend sets that
 * to the nanosecond; a write in place changes mtime, except within a tick of the kernel's clock
 * (file_identity_settled).
 */
struct file_identity {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
    bool exposed;  /* others may read the file */
    int64_t error; /* the errno of lstat(2); ENOENT: the file does not exist */
};

enum store_err file_place_init(struct file_place *place, const char *folder) STORE_CHECKED;
void file_place_clear(struct file_place *place);

/* One lstat(2). */
void file_place_stat(const struct file_place *place, struct file_identity *out);

void file_identity_of(const struct stat *st, struct file_identity *out);
bool file_identity_equal(const struct file_identity *a, const struct file_identity *b);

/* True if every write after `when_ns` (store_time_now) must change the identity. False for some
 * milliseconds after a write by a program that leaves the times to the kernel. */
bool file_identity_settled(const struct file_identity *identity, int64_t when_ns);

/* A fault and its remedy, as text for the log and for `status`. */
struct file_trouble {
    char why[256];
    char remedy[256];
};

/*
 * Reads the whole file and its identity. Refuses a file that is not regular, such as a symbolic
 * link (UNAVAILABLE), that belongs to another user, or that others may write (DENIED). NOT_FOUND if
 * it does not exist. Logs nothing; `trouble` describes all errors but NOT_FOUND and NO_MEMORY.
 * `identity` is set after errors, too. Needs no write access anywhere.
 */
enum store_err file_place_read(const struct file_place *place, struct store_secret *out,
                               struct file_identity *identity,
                               struct file_trouble *trouble) STORE_CHECKED;

/*
 * Checks that the folder may be used; a missing one is OK. DENIED if it belongs to another user
 * (not root), or if others may write to it and could put another file there; if it is this user's
 * and not sticky, as /tmp is, this removes that right instead, with a log line. UNAVAILABLE if it
 * is not a folder. Logs nothing else.
 */
enum store_err file_place_check_folder(const struct file_place *place,
                                       struct file_trouble *trouble) STORE_CHECKED;

/* Logs if everybody may replace a folder above: the replacement would be refused unless it is this
 * user's, but the secrets would be out of sight. */
void file_place_check_above(const struct file_place *place);

/* Logs that `what` failed with errno `number` on folder/`name` (NULL: the folder), with the remedy,
 * and returns the error for it. */
enum store_err file_failed(const struct file_place *place, const char *what, const char *name,
                           int number) STORE_CHECKED;

#endif
