/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_INI_H
#define AWS_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * AWS's shared files, "config" and "credentials" (AWS SDKs and Tools reference guide, "Shared
 * config and credentials files"), read as botocore, hence AWS's own command line, reads them:
 * `name = value` or `name: value` at any depth below its section; lines that begin with '#' or ';'
 * are comments, and nothing else is; a line that is indented further goes on with the value, or,
 * below an empty one, is a nested `name = value`; `[DEFAULT]` holds for all sections of its file.
 * What botocore refuses is read, too, where the meaning is plain: a section or setting that is
 * there twice (the last one counts), `[profile default]` beside `[default]` (the former counts), a
 * byte order mark, bytes that are not UTF-8.
 *
 * Why our own parser: the files hold secret access keys, and the packaged ones (inih, GKeyFile,
 * iniparser) copy lines through memory that is freed without being wiped, cut or refuse long
 * lines, and know neither the nested settings nor which '#' begins a comment. Here the text stays
 * in one struct store_secret, and everything else is a slice of it.
 *
 * Threads: an ini is used by one thread at a time.
 */
enum aws_ini_kind {
    AWS_INI_OTHER,         /* a section that is none of the below: skipped */
    AWS_INI_DEFAULTS,      /* `[DEFAULT]`: for the sections of its file */
    AWS_INI_PLAIN_DEFAULT, /* `[default]` in "config", until it is known whether it counts */
    AWS_INI_PROFILE,
    AWS_INI_SSO_SESSION,
    AWS_INI_SERVICES,
};

struct aws_ini_entry;

/* The settings of up to two files; a later one wins. Zero-initialized: empty. */
struct aws_ini {
    struct store_secret files[2];
    size_t file_count;
    struct aws_ini_entry *entries;
    size_t count;
    size_t room;
};

/* Adds what `text` says; the reference to it is kept. `path` is for messages. `config`: sections
 * are named as in "config" (`[profile x]`), otherwise as in "credentials" (`[x]`). BAD_CONF, logged
 * with file and line, for what is no such file. */
enum store_err aws_ini_parse(struct aws_ini *ini, const char *path, bool config,
                             const struct store_secret *text) STORE_CHECKED;

void aws_ini_clear(struct aws_ini *ini);

/* Whether there is such a section, be it empty. */
bool aws_ini_has(const struct aws_ini *ini, enum aws_ini_kind kind, const char *section);

/* The value of `name` (any case), or of `sub` (as it is written) nested below `name` if that is not
 * NULL. NULL if it is not set or empty. Lives as long as the ini. */
const struct store_secret *aws_ini_find(const struct aws_ini *ini, enum aws_ini_kind kind,
                                        const char *section, const char *name, const char *sub);

#endif
