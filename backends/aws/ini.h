/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_INI_H
#define BACKENDS_AWS_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * AWS's shared files, "config" and "credentials" (AWS SDKs and Tools reference guide, "Shared
 * config and credentials files"), read as botocore, hence AWS's own command line, reads them: `name
 * = value` or `name: value` at any depth below its section; only lines that begin with '#' or ';'
 * are comments; a line that is indented further continues the value, or, below an empty one, is a
 * nested `name = value`; `[DEFAULT]` holds for all sections of its file. We also accept forms that
 * botocore refuses, if their meaning is plain: a section or setting that appears twice (the last
 * one counts), `[profile default]` beside `[default]` (the former counts), a byte order mark, bytes
 * that are not UTF-8.
 *
 * Why our own parser: the files hold secret access keys, and the packaged ones (inih, GKeyFile,
 * iniparser) copy lines through memory that is freed without being wiped, cut or refuse long lines,
 * and know neither the nested settings nor the rule for '#'. Here the text stays in one struct
 * store_secret, and every entry is a slice of it.
 *
 * Threads: an ini is used by one thread at a time.
 */
enum aws_ini_kind {
    AWS_INI_OTHER,    /* a section that is none of the below, or counts for nothing: skipped */
    AWS_INI_DEFAULTS, /* `[DEFAULT]`: for the sections of its file */
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

/* Adds the settings of `text` and keeps a reference to it. `path` is for messages. `config`:
 * sections are named as in "config" (`[profile x]`), otherwise as in "credentials" (`[x]`).
 * BAD_CONF, logged with file and line, if the text is not such a file. */
enum store_err aws_ini_parse(struct aws_ini *ini, const char *path, bool config,
                             const struct store_secret *text) STORE_CHECKED;

void aws_ini_clear(struct aws_ini *ini);

/* True if there is such a section, even an empty one. */
bool aws_ini_has(const struct aws_ini *ini, enum aws_ini_kind kind, const char *section);

/* The value of `name` (in any case), or of `sub` (in this case) nested below `name` if `sub` is not
 * NULL. NULL if it is not set or empty. Lives as long as the ini. */
const struct store_secret *aws_ini_find(const struct aws_ini *ini, enum aws_ini_kind kind,
                                        const char *section, const char *name, const char *sub);

#endif
