/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sddl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/windows/double/double.h"
#include "tests/windows/credentials.h"

/* Each rule of double.h. */

static char folder[256];
static HANDLE mutex;

static WCHAR *wide(const char *text)
{
    static WCHAR texts[32][33000];
    static unsigned next;
    WCHAR *out = texts[next++ % 32];
    size_t len = strlen(text);

    assert_true(len < 33000);
    for (size_t i = 0; i <= len; i++)
        out[i] = (unsigned char)text[i];
    return out;
}

static WCHAR *repeated(size_t len)
{
    static char text[33000];

    memset(text, 'x', len);
    text[len] = '\0';
    return wide(text);
}

static HANDLE open_mutex(const char *list, const char *name)
{
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof attributes};
    HANDLE opened;

    assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorW(
        wide(list), SDDL_REVISION_1, &attributes.lpSecurityDescriptor, NULL));
    opened = CreateMutexExW(&attributes, wide(name), 0, SYNCHRONIZE | MUTEX_MODIFY_STATE);
    LocalFree(attributes.lpSecurityDescriptor);
    return opened;
}

static char *user_list(void)
{
    static char text[256];
    union {
        TOKEN_USER user;
        char room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } found;
    DWORD size;
    HANDLE token;
    WCHAR *sid;
    size_t len;

    assert_true(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    assert_true(GetTokenInformation(token, TokenUser, &found, sizeof found, &size));
    assert_true(ConvertSidToStringSidW(found.user.User.Sid, &sid));
    snprintf(text, sizeof text, "D:P(A;;0x1f0001;;;");
    len = strlen(text);
    for (const WCHAR *c = sid; *c != 0; c++)
        text[len++] = (char)*c;
    snprintf(text + len, sizeof text - len, ")");
    LocalFree(sid);
    CloseHandle(token);
    return text;
}

static int setup(void **state)
{
    (void)state;
    if (!credentials_make(folder, sizeof folder))
        return -1;
    mutex = open_mutex(user_list(), "Global\\test");
    return WaitForSingleObject(mutex, 0) == WAIT_OBJECT_0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ReleaseMutex(mutex);
    CloseHandle(mutex);
    credentials_remove(folder);
    return 0;
}

#define RULE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

static CREDENTIALW cred(const char *target, const char *value)
{
    return (CREDENTIALW){
        .Type = CRED_TYPE_GENERIC,
        .TargetName = wide(target),
        .CredentialBlobSize = (DWORD)strlen(value),
        .CredentialBlob = (BYTE *)(uintptr_t)value,
        .Persist = CRED_PERSIST_LOCAL_MACHINE,
        .UserName = wide("user"),
    };
}

static DWORD put(CREDENTIALW made)
{
    return CredWriteW(&made, 0) ? ERROR_SUCCESS : GetLastError();
}

static void wipe(const CREDENTIALW *found)
{
    if (found->CredentialBlobSize > 0)
        memset(found->CredentialBlob, 0, found->CredentialBlobSize);
}

static void free_result(CREDENTIALW *found)
{
    wipe(found);
    CredFree(found);
}

static DWORD get(const char *target, const char *value)
{
    CREDENTIALW *found;

    if (!CredReadW(wide(target), CRED_TYPE_GENERIC, 0, &found))
        return GetLastError();
    assert_int_equal(found->CredentialBlobSize, strlen(value));
    if (value[0] != '\0')
        assert_memory_equal(found->CredentialBlob, value, strlen(value));
    free_result(found);
    return ERROR_SUCCESS;
}

static DWORD count(const char *filter)
{
    CREDENTIALW **found;
    DWORD number;

    if (!CredEnumerateW(wide(filter), 0, &number, &found))
        return GetLastError() == ERROR_NOT_FOUND ? 0 : 1000;
    for (DWORD i = 0; i < number; i++)
        wipe(found[i]);
    CredFree(found);
    return number;
}

static void rule_1_names_have_no_case(void **state)
{
    CREDENTIALW other = cred("name", "two");

    (void)state;
    assert_int_equal(put(cred("Name/\xe4", "one")), 0);
    assert_int_equal(get("nAME/\xc4", "one"), 0);
    assert_int_equal(put(cred("NAME/\xc4", "two")), 0);
    assert_int_equal(get("name/\xe4", "two"), 0);
    assert_int_equal(count("*"), 1);
    assert_int_equal(count("NAME*"), 1);
    other.Comment = wide("comment");
    assert_int_equal(put(other), 0);
    other.Comment = NULL; /* a write replaces all */
    assert_int_equal(put(other), 0);
    assert_true(CredReadW(wide("name"), CRED_TYPE_GENERIC, 0, (CREDENTIALW **)state));
    assert_null(((CREDENTIALW *)*state)->Comment);
    free_result(*state);
    assert_true(CredDeleteW(wide("NAME"), CRED_TYPE_GENERIC, 0));
    assert_int_equal(get("name", ""), ERROR_NOT_FOUND);
}

static void rule_2_everything_has_a_limit(void **state)
{
    static BYTE value[2561];
    CREDENTIALW made = cred("a", "");

    (void)state;
    made.CredentialBlob = value;
    made.CredentialBlobSize = 2560;
    assert_int_equal(put(made), 0);
    made.CredentialBlobSize = 2561;
    assert_int_equal(put(made), RPC_X_BAD_STUB_DATA);
    made.CredentialBlobSize = 0;
    assert_int_equal(put(made), 0);
    assert_int_equal(get("a", ""), 0);
    made.Comment = repeated(256);
    assert_int_equal(put(made), 0);
    made.Comment = repeated(257);
    assert_int_equal(put(made), ERROR_INVALID_PARAMETER);
    made.Comment = NULL;
    made.UserName = repeated(513);
    assert_int_equal(put(made), 0);
    made.UserName = repeated(514);
    assert_int_equal(put(made), ERROR_BAD_USERNAME);
    made.UserName = NULL;
    assert_int_equal(put(made), ERROR_BAD_USERNAME);
    made = cred("", "");
    assert_int_equal(put(made), ERROR_INVALID_PARAMETER);
    made.TargetName = repeated(32767);
    assert_int_equal(put(made), 0);
    assert_int_equal(count("xxx*"), 1);
    made.TargetName = repeated(32768);
    assert_int_equal(put(made), ERROR_INVALID_PARAMETER);
}

static void rule_3_flags_types_and_persistence(void **state)
{
    CREDENTIALW made = cred("a", "one");
    CREDENTIALW *found;
    CREDENTIALW **list;
    DWORD number;

    (void)state;
    assert_false(CredWriteW(&made, 1));
    assert_int_equal(GetLastError(), ERROR_INVALID_FLAGS);
    assert_false(CredReadW(made.TargetName, CRED_TYPE_GENERIC, 1, &found));
    assert_int_equal(GetLastError(), ERROR_INVALID_FLAGS);
    assert_false(CredEnumerateW(wide("*"), 2, &number, &list));
    assert_int_equal(GetLastError(), ERROR_INVALID_FLAGS);
    assert_false(CredDeleteW(made.TargetName, CRED_TYPE_DOMAIN_PASSWORD, 0));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    made.Type = CRED_TYPE_DOMAIN_PASSWORD;
    assert_int_equal(put(made), ERROR_INVALID_PARAMETER);
    made.Type = CRED_TYPE_GENERIC;
    for (DWORD persist = 0; persist < 5; persist++) {
        made.Persist = persist;
        assert_int_equal(put(made), persist >= 1 && persist <= 3 ? 0 : ERROR_INVALID_PARAMETER);
    }
}

static void rule_4_a_filter_is_a_beginning(void **state)
{
    (void)state;
    assert_int_equal(put(cred("a:x/one", "")), 0);
    assert_int_equal(put(cred("a:x/two", "")), 0);
    assert_int_equal(put(cred("b", "")), 0);
    assert_int_equal(count("*"), 3);
    assert_int_equal(count("a:*"), 2);
    assert_int_equal(count("a:x/one"), 1);
    assert_int_equal(count("a:x"), 0);
    assert_int_equal(count("*one"), 0);
    assert_int_equal(count("a:*one"), 0);
    assert_int_equal(count("a:x/???"), 0);
    assert_int_equal(count("c*"), 0);
    assert_false(CredDeleteW(wide("c"), CRED_TYPE_GENERIC, 0));
    assert_int_equal(GetLastError(), ERROR_NOT_FOUND);
}

static void rule_5_the_system_sets_the_time(void **state)
{
    CREDENTIALW made = cred("a", "one");
    CREDENTIALW *found;

    (void)state;
    made.LastWritten.dwHighDateTime = 1;
    assert_int_equal(put(made), 0);
    assert_true(CredReadW(wide("a"), CRED_TYPE_GENERIC, 0, &found));
    assert_true(found->LastWritten.dwHighDateTime > 30000000); /* this century */
    free_result(found);
}

static void rule_6_logon_sessions_differ(void **state)
{
    DWORD most[2];

    (void)state;
    assert_true(CredGetSessionTypes(2, most));
    assert_int_equal(most[CRED_TYPE_GENERIC], CRED_PERSIST_ENTERPRISE);
    assert_int_equal(put(cred("a", "one")), 0);
    double_settings.keeps_nothing = true;
    assert_true(CredGetSessionTypes(2, most));
    assert_int_equal(most[CRED_TYPE_GENERIC], CRED_PERSIST_SESSION);
    assert_int_equal(put(cred("a", "two")), ERROR_NO_SUCH_LOGON_SESSION);
    assert_int_equal(get("a", "one"), 0);
    double_settings.no_session = true;
    assert_int_equal(get("a", "one"), ERROR_NO_SUCH_LOGON_SESSION);
    assert_int_equal(count("*"), 1000);
    assert_int_equal(put(cred("a", "two")), ERROR_NO_SUCH_LOGON_SESSION);
    assert_false(CredDeleteW(wide("a"), CRED_TYPE_GENERIC, 0));
    assert_int_equal(GetLastError(), ERROR_NO_SUCH_LOGON_SESSION);
    assert_false(CredGetSessionTypes(2, most));
}

/* The signal, or the exit status, of `work` in a process of its own. */
static int end_of(void (*work)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(9);
        work();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void wait_in_vain(void)
{
    HANDLE same = open_mutex(user_list(), "Global\\test");

    ReleaseMutex(mutex); /* this process has a copy of the turn */
    if (WaitForSingleObject(same, 20) != WAIT_TIMEOUT)
        _exit(1);
}

static void end_in_turn(void)
{
    HANDLE same = open_mutex(user_list(), "Global\\other");

    ReleaseMutex(mutex);
    _exit(WaitForSingleObject(same, 0) == WAIT_OBJECT_0 ? 0 : 1);
}

static void rule_7_a_mutex_belongs_to_a_thread(void **state)
{
    HANDLE other = open_mutex(user_list(), "Global\\other");

    (void)state;
    assert_int_equal(end_of(wait_in_vain), 0);
    assert_int_equal(end_of(end_in_turn), 0);
    ReleaseMutex(mutex);
    assert_int_equal(WaitForSingleObject(other, 0), WAIT_ABANDONED);
    ReleaseMutex(other);
    assert_int_equal(WaitForSingleObject(other, 0), WAIT_OBJECT_0);
    ReleaseMutex(other);
    CloseHandle(other);
    assert_int_equal(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    assert_int_equal(end_of(end_in_turn), 0);
    ReleaseMutex(mutex);
    other = open_mutex(user_list(), "Global\\other"); /* nobody had it open any more */
    assert_int_equal(WaitForSingleObject(other, 0), WAIT_OBJECT_0);
    ReleaseMutex(other);
    CloseHandle(other);
    assert_int_equal(WaitForSingleObject(NULL, 0), WAIT_FAILED);
    assert_int_equal(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
}

static void call_without_turn(void)
{
    ReleaseMutex(mutex);
    (void)put(cred("a", "one"));
}

static void call_in_another_turn(void)
{
    HANDLE local = open_mutex(user_list(), "Local\\test");

    ReleaseMutex(mutex);
    if (WaitForSingleObject(local, 0) != WAIT_OBJECT_0)
        _exit(1);
    (void)count("*");
}

static void free_unwiped(void)
{
    CREDENTIALW *found;

    if (put(cred("a", "one")) != 0 || !CredReadW(wide("a"), CRED_TYPE_GENERIC, 0, &found))
        _exit(1);
    CredFree(found);
}

static void free_unwiped_list(void)
{
    CREDENTIALW **found;
    DWORD number;

    if (put(cred("a", "one")) != 0 || !CredEnumerateW(wide("*"), 0, &number, &found))
        _exit(1);
    CredFree(found);
}

static void let_everybody_in(void)
{
    (void)open_mutex("D:P(A;;0x1f0001;;;WD)", "Global\\test");
}

static void keep_the_default(void)
{
    (void)CreateMutexExW(NULL, wide("Global\\test"), 0, SYNCHRONIZE | MUTEX_MODIFY_STATE);
}

static void wait_twice(void)
{
    (void)WaitForSingleObject(mutex, 0);
}

static void rule_8_a_broken_rule_ends_the_program(void **state)
{
    (void)state;
    assert_int_equal(end_of(call_without_turn), SIGABRT);
    assert_int_equal(end_of(call_in_another_turn), SIGABRT);
    assert_int_equal(end_of(free_unwiped), SIGABRT);
    assert_int_equal(end_of(free_unwiped_list), SIGABRT);
    assert_int_equal(end_of(let_everybody_in), SIGABRT);
    assert_int_equal(end_of(keep_the_default), SIGABRT);
    assert_int_equal(end_of(wait_twice), SIGABRT);
}

static void die(void)
{
    double_settings.die_at = double_calls() + 2;
    (void)put(cred("a", "one"));
    (void)put(cred("b", "one"));
}

static void a_test_may_ask_for_a_failure_or_an_end(void **state)
{
    (void)state;
    double_settings.fail_at = double_calls() + 2;
    double_settings.fail_with = 4711;
    assert_int_equal(put(cred("a", "one")), 0);
    assert_int_equal(put(cred("a", "two")), 4711);
    assert_int_equal(get("a", "one"), 0);
    assert_true(CredDeleteW(wide("a"), CRED_TYPE_GENERIC, 0));
    assert_int_equal(end_of(die), SIGKILL);
    assert_int_equal(double_count(""), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(rule_1_names_have_no_case),
        RULE(rule_2_everything_has_a_limit),
        RULE(rule_3_flags_types_and_persistence),
        RULE(rule_4_a_filter_is_a_beginning),
        RULE(rule_5_the_system_sets_the_time),
        RULE(rule_6_logon_sessions_differ),
        RULE(rule_7_a_mutex_belongs_to_a_thread),
        RULE(rule_8_a_broken_rule_ends_the_program),
        RULE(a_test_may_ask_for_a_failure_or_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
