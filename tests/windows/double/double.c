/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/double/double.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/windows/double/kept.h"

#define EPOCH INT64_C(116444736000000000)

struct double_settings double_settings;
static char folder[256];
static atomic_int calls;

void double_use(const char *new_folder)
{
    snprintf(folder, sizeof folder, "%s", new_folder);
    double_settings = (struct double_settings){0};
    atomic_store(&calls, 0);
}

int double_calls(void)
{
    return atomic_load(&calls);
}

const char *double_folder(void)
{
    return folder;
}

/* Rules 6 and 8, and the failure or the end that a test asks for. */
static DWORD begin(DWORD flags)
{
    int call = atomic_fetch_add(&calls, 1) + 1;

    if (!double_has_turn())
        double_break("a call of the Credential Manager outside of the user's turn");
    if (call == double_settings.die_at)
        kill(getpid(), SIGKILL);
    if (call == double_settings.fail_at)
        return double_settings.fail_with;
    if (flags != 0)
        return ERROR_INVALID_FLAGS;
    return double_settings.no_session ? ERROR_NO_SUCH_LOGON_SESSION : ERROR_SUCCESS;
}

static DWORD begin_named(const WCHAR *target, DWORD type, DWORD flags)
{
    DWORD code = begin(flags);

    if (code != ERROR_SUCCESS)
        return code;
    return target == NULL || target[0] == 0 || kept_len(target) > KEPT_TARGET ||
                   type != CRED_TYPE_GENERIC
               ? ERROR_INVALID_PARAMETER
               : ERROR_SUCCESS;
}

static FILETIME now(void)
{
    struct timespec at;
    int64_t units;

    clock_gettime(CLOCK_REALTIME, &at);
    units = EPOCH + (int64_t)at.tv_sec * 10000000 + at.tv_nsec / 100;
    return (FILETIME){.dwLowDateTime = (DWORD)units, .dwHighDateTime = (DWORD)(units >> 32)};
}

/* A result is one piece of memory: this, the pointers of a listing, the credentials, their texts.
 */
struct result {
    size_t mark;
    size_t count; /* 0: one credential, without a pointer */
};

#define RESULT_MARK ((size_t)0x43726564)

struct shown {
    CREDENTIALW cred;
    struct kept kept;
};

static void show(struct shown *shown, const struct kept *kept, WCHAR *target)
{
    shown->kept = *kept;
    (void)!kept_copy(target, kept->target, KEPT_TARGET);
    shown->cred = (CREDENTIALW){
        .Type = CRED_TYPE_GENERIC,
        .TargetName = target,
        .Comment = shown->kept.comment[0] == 0 ? NULL : shown->kept.comment,
        .LastWritten = kept->written,
        .CredentialBlobSize = kept->blob_size,
        .CredentialBlob = kept->blob_size == 0 ? NULL : shown->kept.blob,
        .Persist = kept->persist,
        .UserName = shown->kept.user,
    };
}

/* Makes the result of a listing, or of one credential; frees what it shows. */
static void *result_make(struct kept **kept, size_t count, bool listing)
{
    size_t pointers = listing ? count * sizeof(CREDENTIALW *) : 0;
    size_t bytes = sizeof(struct result) + pointers + count * sizeof(struct shown);
    struct result *result;
    struct shown *shown;
    WCHAR *text;

    for (size_t i = 0; i < count; i++)
        bytes += (kept_len(kept[i]->target) + 1) * sizeof(WCHAR);
    result = calloc(1, bytes);
    *result = (struct result){.mark = RESULT_MARK, .count = listing ? count : 0};
    shown = (struct shown *)((char *)(result + 1) + pointers);
    text = (WCHAR *)(shown + count);
    for (size_t i = 0; i < count; i++) {
        show(&shown[i], kept[i], text);
        if (listing)
            ((CREDENTIALW **)(result + 1))[i] = &shown[i].cred;
        text += kept_len(kept[i]->target) + 1;
        kept_free(kept[i]);
    }
    return result + 1;
}

static void check_wiped(const CREDENTIALW *cred)
{
    for (DWORD i = 0; i < cred->CredentialBlobSize; i++)
        if (cred->CredentialBlob[i] != 0)
            double_break("a value is not wiped before CredFree");
}

void CredFree(void *memory)
{
    struct result *result = (struct result *)memory - 1;

    if (result->mark != RESULT_MARK)
        double_break("CredFree of memory that is not a result");
    if (result->count == 0)
        check_wiped(memory);
    for (size_t i = 0; i < result->count; i++)
        check_wiped(((CREDENTIALW **)memory)[i]);
    free(result);
}

BOOL CredReadW(const WCHAR *target, DWORD type, DWORD flags, CREDENTIALW **out)
{
    DWORD code = begin_named(target, type, flags);
    struct kept *found;
    int lock;

    if (code != ERROR_SUCCESS)
        return double_error(code);
    lock = kept_lock(folder);
    found = kept_find(folder, target);
    kept_unlock(lock);
    if (found == NULL)
        return double_error(ERROR_NOT_FOUND);
    *out = result_make(&found, 1, false);
    return TRUE;
}

/* Splits a filter; false if it is not a name, or the beginning of one. */
static bool parse_filter(const WCHAR *filter, WCHAR *begin_of, bool *whole)
{
    size_t len = kept_len(filter);

    *whole = len == 0 || filter[len - 1] != '*';
    if (!kept_copy(begin_of, filter, KEPT_TARGET))
        return false;
    if (!*whole)
        begin_of[--len] = 0;
    for (size_t i = 0; i < len; i++)
        if (begin_of[i] == '*' || begin_of[i] == '?')
            return false;
    return true;
}

BOOL CredEnumerateW(const WCHAR *filter, DWORD flags, DWORD *count, CREDENTIALW ***out)
{
    DWORD code = begin(flags);
    WCHAR *begin_of;
    struct kept **found = NULL;
    size_t number = 0;
    bool whole;
    int lock;

    if (code != ERROR_SUCCESS)
        return double_error(code);
    begin_of = malloc((KEPT_TARGET + 1) * sizeof *begin_of);
    if (filter != NULL && parse_filter(filter, begin_of, &whole)) {
        lock = kept_lock(folder);
        found = kept_list(folder, begin_of, whole, &number);
        kept_unlock(lock);
    }
    free(begin_of);
    if (number == 0)
        return double_error(ERROR_NOT_FOUND);
    *count = (DWORD)number;
    *out = result_make(found, number, true);
    free(found);
    return TRUE;
}

/* Rules 2, 3 and 6. */
static DWORD check(const CREDENTIALW *cred)
{
    if (cred->Flags != 0 || cred->Persist < CRED_PERSIST_SESSION ||
        cred->Persist > CRED_PERSIST_ENTERPRISE || cred->AttributeCount != 0 ||
        (cred->CredentialBlobSize > 0 && cred->CredentialBlob == NULL))
        return ERROR_INVALID_PARAMETER;
    if (cred->Comment != NULL && kept_len(cred->Comment) > KEPT_COMMENT)
        return ERROR_INVALID_PARAMETER;
    if (cred->UserName == NULL || kept_len(cred->UserName) > KEPT_USER)
        return ERROR_BAD_USERNAME;
    if (cred->CredentialBlobSize > KEPT_BLOB)
        return RPC_X_BAD_STUB_DATA;
    return double_settings.keeps_nothing && cred->Persist > CRED_PERSIST_SESSION
               ? ERROR_NO_SUCH_LOGON_SESSION
               : ERROR_SUCCESS;
}

BOOL CredWriteW(CREDENTIALW *cred, DWORD flags)
{
    DWORD code = begin_named(cred->TargetName, cred->Type, flags);
    struct kept *kept;
    int lock;

    if (code == ERROR_SUCCESS)
        code = check(cred);
    if (code != ERROR_SUCCESS)
        return double_error(code);
    kept = kept_new(cred->TargetName);
    kept->persist = cred->Persist;
    kept->written = now();
    kept->blob_size = cred->CredentialBlobSize;
    if (kept->blob_size > 0)
        memcpy(kept->blob, cred->CredentialBlob, kept->blob_size);
    if (!kept_copy(kept->comment, cred->Comment, KEPT_COMMENT) ||
        !kept_copy(kept->user, cred->UserName, KEPT_USER))
        abort();
    lock = kept_lock(folder);
    kept_write(folder, kept);
    kept_unlock(lock);
    kept_free(kept);
    return TRUE;
}

BOOL CredDeleteW(const WCHAR *target, DWORD type, DWORD flags)
{
    DWORD code = begin_named(target, type, flags);
    struct kept *kept;
    int lock;

    if (code != ERROR_SUCCESS)
        return double_error(code);
    lock = kept_lock(folder);
    kept = kept_find(folder, target);
    if (kept != NULL)
        kept_remove(folder, kept);
    kept_unlock(lock);
    code = kept == NULL ? ERROR_NOT_FOUND : ERROR_SUCCESS;
    kept_free(kept);
    return code == ERROR_SUCCESS ? TRUE : double_error(code);
}

BOOL CredGetSessionTypes(DWORD count, DWORD *out)
{
    DWORD code = begin(0);

    if (code != ERROR_SUCCESS)
        return double_error(code);
    for (DWORD i = 0; i < count; i++)
        out[i] = double_settings.keeps_nothing ? CRED_PERSIST_SESSION : CRED_PERSIST_ENTERPRISE;
    return TRUE;
}

static WCHAR *widen(const char *text)
{
    WCHAR *out = calloc(strlen(text) + 1, sizeof *out);

    for (size_t i = 0; text[i] != '\0'; i++)
        out[i] = (unsigned char)text[i];
    return out;
}

void double_put(const char *target, const char *comment, const void *value, size_t len)
{
    WCHAR *name = widen(target);
    int lock = kept_lock(folder);
    struct kept *kept = kept_find(folder, name);
    WCHAR *remark;

    if (kept == NULL)
        kept = kept_new(name);
    if (comment != NULL) {
        remark = widen(comment);
        (void)!kept_copy(kept->comment, remark, KEPT_COMMENT);
        free(remark);
    }
    kept->persist = CRED_PERSIST_ENTERPRISE;
    kept->written = now();
    kept->blob_size = (DWORD)len;
    if (len > 0)
        memcpy(kept->blob, value, len);
    kept_write(folder, kept);
    kept_unlock(lock);
    kept_free(kept);
    free(name);
}

void double_remove(const char *target)
{
    WCHAR *name = widen(target);
    int lock = kept_lock(folder);
    struct kept *kept = kept_find(folder, name);

    kept_remove(folder, kept);
    kept_unlock(lock);
    kept_free(kept);
    free(name);
}

size_t double_count(const char *begin_of)
{
    WCHAR *name = widen(begin_of);
    int lock = kept_lock(folder);
    size_t count;
    struct kept **found = kept_list(folder, name, false, &count);

    kept_unlock(lock);
    for (size_t i = 0; i < count; i++)
        kept_free(found[i]);
    free(found);
    free(name);
    return count;
}
