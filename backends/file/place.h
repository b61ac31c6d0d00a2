/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_PLACE_H
#define FILE_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * Where secrets.json is, and every look at the file system that reading it needs. Writing is in
 * replace.h.
 */

#define FILE_NAME "secrets.json"

struct file_place {
    char *folder;
    char *path; /* folder/secrets.json */
};

/*
 * Which state of the file something was read from. Two equal ones mean equal contents: a
 * replacement by rename is another inode or, if the number is reused, has another mtime, because
 * this backend sets that to the nanosecond; a write in place changes mtime, except within a tick
 * of the kernel's clock (file_identity_settled).
 */
struct file_identity {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t mtime_ns;
    int64_t ctime_ns;
    int64_t error; /* errno if it could not be looked at; ENOENT: there is no file */
};

enum store_err file_place_init(struct file_place *place, const char *folder) STORE_CHECKED;
void file_place_clear(struct file_place *place);

/* One lstat(2). */
void file_place_stat(const struct file_place *place, struct file_identity *out);

void file_identity_of(const struct stat *st, struct file_identity *out);
bool file_identity_equal(const struct file_identity *a, const struct file_identity *b);

/* Whether no write after `when_ns` (store_time_now) can leave the identity as it is. False for some
 * milliseconds after a write by a program that leaves the times to the kernel. */
bool file_identity_settled(const struct file_identity *identity, int64_t when_ns);

/* What is wrong, and what to do about it, in words for the log and for `status`. */
struct file_trouble {
    char why[256];
    char remedy[256];
};

/*
 * Reads the whole file, and what it then was. Refused: what is no regular file (also a symbolic
 * link; UNAVAILABLE), what belongs to another user or may be written by others (DENIED). NOT_FOUND
 * if there is none. Not logged; `trouble` has the words for all but NOT_FOUND and NO_MEMORY.
 * `identity` is set after errors, too. Needs no write access anywhere.
 */
enum store_err file_place_read(const struct file_place *place, struct store_secret *out,
                               struct file_identity *identity,
                               struct file_trouble *trouble) STORE_CHECKED;

/*
 * Whether the folder may be used: OK, too, if there is none. DENIED if it belongs to another user
 * than root and this one, or if others may write to it, who could then put another file in place;
 * where it is this user's, that right is taken from them, with a line in the log, instead.
 * UNAVAILABLE if it is no folder. Not logged otherwise.
 */
enum store_err file_place_check_folder(const struct file_place *place,
                                       struct file_trouble *trouble) STORE_CHECKED;

/* Logs if anybody may replace a folder above: what is put there would still have to be this user's
 * to be used, but the secrets would be gone from sight. */
void file_place_check_above(const struct file_place *place);

/* Logs that `what` failed with errno `number` on folder/`name` (NULL: the folder), with the remedy,
 * and gives the error for it. */
enum store_err file_failed(const struct file_place *place, const char *what, const char *name,
                           int number) STORE_CHECKED;

#endif
