/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/cred.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <wincred.h>

#include "backends/credential-manager/wide.h"

/* From 1601, where the times of Windows begin, to 1970, in units of 100 ns. */
#define EPOCH INT64_C(116444736000000000)

static const struct status not_kept = {
    STORE_UNAVAILABLE,
    "this logon session keeps no credentials after its end, or a policy forbids to store them",
    "log on to Windows with a password or a desktop session, not over the network"};
static const struct status name_refused = {
    STORE_UNAVAILABLE, "Windows refuses the credential's name",
    "shorten the key (Wine takes 247 characters for the whole name)"};

static int64_t time_of(FILETIME written)
{
    int64_t units = (int64_t)written.dwHighDateTime << 32 | (int64_t)written.dwLowDateTime;

    return units > EPOCH && units - EPOCH <= INT64_MAX / 100 ? (units - EPOCH) * 100 : 0;
}

/* Shows one credential of Windows to `each`. */
static enum store_err show(const CREDENTIALW *found, cred_each_fn *each, void *arg)
{
    char target[TARGET_SIZE];
    char comment[COMMENT_SIZE];
    struct cred cred = {
        .target = target,
        .comment = comment,
        .written_ns = time_of(found->LastWritten),
        .bytes = found->CredentialBlob,
        .len = found->CredentialBlobSize,
    };

    (void)wide_parse(found->TargetName, target, sizeof target);
    (void)wide_parse(found->Comment, comment, sizeof comment);
    return each(arg, &cred);
}

static void wipe(const CREDENTIALW *found)
{
    if (found->CredentialBlobSize > 0)
        store_wipe(found->CredentialBlob, found->CredentialBlobSize);
}

enum store_err cred_read(const struct turn *turn, const char *subject, const char *target,
                         cred_each_fn *each, void *arg)
{
    WCHAR name[TARGET_SIZE];
    CREDENTIALW *found = NULL;
    enum store_err err;

    TRY(turn_check(turn, subject));
    wide_format(target, name);
    if (!CredReadW(name, CRED_TYPE_GENERIC, 0, &found))
        return status_report(status_last(), subject, turn->health);
    err = show(found, each, arg);
    wipe(found);
    CredFree(found);
    return err;
}

enum store_err cred_list(const struct turn *turn, const char *subject, const char *prefix,
                         cred_each_fn *each, void *arg)
{
    char text[TARGET_SIZE + 1];
    WCHAR filter[TARGET_SIZE + 1];
    CREDENTIALW **found = NULL;
    DWORD count = 0;
    DWORD code;
    enum store_err err = STORE_OK;

    TRY(turn_check(turn, subject));
    snprintf(text, sizeof text, "%s*", prefix);
    wide_format(text, filter);
    if (!CredEnumerateW(filter, 0, &count, &found)) {
        code = status_last();
        return code == ERROR_NOT_FOUND ? STORE_OK : status_report(code, subject, turn->health);
    }
    for (DWORD i = 0; i < count; i++) {
        if (err == STORE_OK && found[i]->Type == CRED_TYPE_GENERIC)
            err = show(found[i], each, arg);
        wipe(found[i]);
    }
    CredFree(found);
    return err;
}

enum store_err cred_write(const struct turn *turn, const char *subject, const char *target,
                          const char *comment, const void *bytes, size_t len)
{
    WCHAR name[TARGET_SIZE];
    WCHAR remark[COMMENT_SIZE];
    WCHAR user[16];
    CREDENTIALW cred = {
        .Type = CRED_TYPE_GENERIC,
        .TargetName = name,
        .Comment = remark,
        .CredentialBlobSize = (DWORD)len,
        .CredentialBlob = (BYTE *)(uintptr_t)bytes,
        .Persist = CRED_PERSIST_LOCAL_MACHINE,
        .UserName = user,
    };
    DWORD code;

    TRY(turn_check(turn, subject));
    wide_format(target, name);
    wide_format(comment, remark);
    wide_format("sideseat", user);
    if (CredWriteW(&cred, 0))
        return STORE_OK;
    code = status_last();
    /* only an answer to a question may be that a secret does not exist */
    return code == ERROR_NOT_FOUND ? status_report_as(&name_refused, subject, turn->health)
                                   : status_report(code, subject, turn->health);
}

enum store_err cred_remove(const struct turn *turn, const char *subject, const char *target)
{
    WCHAR name[TARGET_SIZE];

    TRY(turn_check(turn, subject));
    wide_format(target, name);
    return CredDeleteW(name, CRED_TYPE_GENERIC, 0)
               ? STORE_OK
               : status_report(status_last(), subject, turn->health);
}

enum store_err cred_check_kept(const struct turn *turn)
{
    DWORD most[CRED_TYPE_GENERIC + 1] = {0};

    TRY(turn_check(turn, ""));
    if (!CredGetSessionTypes(CRED_TYPE_GENERIC + 1, most))
        return status_report(status_last(), "", turn->health);
    return most[CRED_TYPE_GENERIC] < CRED_PERSIST_LOCAL_MACHINE
               ? status_report_as(&not_kept, "", turn->health)
               : STORE_OK;
}
