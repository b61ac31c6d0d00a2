/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/conformance/place.h"
#include "tests/unit/module/pki/keys.h"

/* The audit (docs/audit.md): a line for each use, by the store process or the module, without any
 * value. */

#define KEY_HEX "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"

static CK_OBJECT_CLASS class_key = CKO_SECRET_KEY;
static char path[256];
static char lines[1024 * 1024];

/* The module writes its lines to a file from its next start on. */
static void name_file(void)
{
    const char *temp = getenv("TMPDIR");

    snprintf(path, sizeof path, "%s/sideseat-audit-%ld",
             temp == NULL || strlen(temp) > 90 ? "/tmp" : temp, (long)getpid());
    unlink(path);
    setenv("SIDESEAT_PKCS11_AUDIT", path, 1);
}

static int without_file(int result)
{
    unsetenv("SIDESEAT_PKCS11_AUDIT");
    unlink(path);
    return result;
}

static int audited_secrets(void **state)
{
    name_file();
    setenv("SIDESEAT_SECRET_GLOBAL_JWT_SIGNING_KEY", KEY_HEX, 1); /* for that backend */
    return with_secrets(state);
}

static int without_secrets(void **state)
{
    unsetenv("SIDESEAT_SECRET_GLOBAL_JWT_SIGNING_KEY");
    return without_file(without_module(state));
}

static int audited_pairs(void **state)
{
    name_file();
    return with_pairs(state);
}

static int without_audited_pairs(void **state)
{
    return without_file(without_pairs(state));
}

static void read_lines(void)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, lines, sizeof lines - 1);

    assert_true(n >= 0);
    lines[n] = '\0';
    if (fd >= 0)
        close(fd);
}

/* The number of lines with all these parts; NULL ends them. */
static size_t count(const char *const *parts)
{
    size_t found = 0;

    for (const char *line = lines; *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *end = strchr(line, '\n');
        bool all = true;
        assert_non_null(end); /* only whole lines */
        assert_true(strncmp(line, "{\"time\":\"", 9) == 0 && end[-1] == '}');
        for (size_t i = 0; all && parts[i] != NULL; i++)
            all = memmem(line, (size_t)(end - line), parts[i], strlen(parts[i])) != NULL;
        found += all;
    }
    return found;
}

/* A store process writes for a moment after the module has ended. */
static size_t count_soon(const char *const *parts, size_t expected)
{
    size_t found;

    for (int i = 0; i < 500; i++) {
        read_lines();
        found = count(parts);
        if (found >= expected)
            return found;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return found;
}

/* A store process notes each value that leaves it, which may be more often than the caller reads.
 */
static bool is_right(size_t found, size_t expected, const char *call)
{
    return suite.place->elsewhere && strstr(call, "read") != NULL ? found >= expected
                                                                  : found == expected;
}

#define LINES(expected, ...)                                                                       \
    do {                                                                                           \
        const char *const parts[] = {__VA_ARGS__, NULL};                                           \
        size_t found = count_soon(parts, (expected));                                              \
        if (!is_right(found, (expected), parts[0]))                                                \
            fail_msg("%zu lines with %s, not %zu, in:\n%s", found, parts[0], (size_t)(expected),   \
                     lines);                                                                       \
    } while (0)

static const char *writer(void)
{
    return suite.place->elsewhere ? "\"by\":\"store\"" : "\"by\":\"module\"";
}

static void change_and_read(CK_SESSION_HANDLE session)
{
    CK_OBJECT_HANDLE object = create_secret(session, "org/audit/one", "sesame opens");

    assert_rv(p11->C_DestroyObject(session, object), CKR_OK);
    create_secret(session, "org/audit/two", "sesame opens");
}

static void each_use_of_a_secret_has_a_line(void **state)
{
    CK_SESSION_HANDLE session = suite.writable ? open_rw() : open_ro();
    CK_OBJECT_HANDLE objects[32];
    char pid[32];

    (void)state;
    assert_true(find_label(session, seeded[0]) != 0);
    (void)find(session, NULL, 0, objects, 32);
    if (suite.writable)
        change_and_read(session);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    snprintf(pid, sizeof pid, "\"pid\":%ld,", (long)getpid());
    LINES(1, "\"call\":\"list\"", "\"key\":\"\"", "\"outcome\":\"OK\"", writer(), pid);
    read_lines();
    assert_non_null(strstr(lines, system_audit_program));
    assert_null(strstr(lines, "value of"));
    assert_null(strstr(lines, "sesame"));
    if (!suite.writable)
        return;
    LINES(1, "\"call\":\"write\"", "\"key\":\"org/audit/one\"", "\"outcome\":\"OK\"", writer());
    LINES(1, "\"call\":\"write\"", "\"key\":\"org/audit/two\"", "\"outcome\":\"OK\"", writer());
    LINES(1, "\"call\":\"delete\"", "\"key\":\"org/audit/one\"", "\"outcome\":\"OK\"", writer());
}

/* Each value that a caller gets has a line; sizes and names alone have none. */
static void a_read_is_a_read(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[1]);
    char key[300];
    char value[300];

    (void)state;
    snprintf(key, sizeof key, "\"key\":\"%s\"", seeded[1]);
    snprintf(value, sizeof value, "value of %s", seeded[1]);
    (void)get_text(session, object, CKA_LABEL, NULL);
    expect_secret(session, seeded[1], value);
    if (!suite.place->elsewhere)
        expect_secret(session, seeded[1], value);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    if (suite.place->elsewhere)
        LINES(1, "\"call\":\"read\"", key, "\"outcome\":\"OK\"", writer());
    else
        LINES(2, "\"call\":\"read\"", key, "\"outcome\":\"OK\"", writer(), "\"stale\":false");
}

/* The value comes out in other ways, too: beside a length query of itself, as a copy, and as the
 * answer to a guess. */
static void no_way_to_a_value_is_without_a_line(void **state)
{
    CK_SESSION_HANDLE session = suite.writable ? open_rw() : open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[1]);
    char text[300] = "";
    char key[300];
    CK_ATTRIBUTE twice[] = {{CKA_VALUE, NULL, 0}, {CKA_VALUE, text, sizeof text}};
    CK_ATTRIBUTE guess[] = {{CKA_LABEL, (void *)(uintptr_t)seeded[1], strlen(seeded[1])},
                            TEXT(CKA_VALUE, "a guess")};
    CK_ATTRIBUTE own[] = {VARIABLE(CKA_TOKEN, no)};
    CK_ATTRIBUTE other[] = {TEXT(CKA_LABEL, "org/audit/copy")};
    CK_OBJECT_HANDLE copy;
    size_t uses = suite.writable ? 4 : 3;

    (void)state;
    snprintf(key, sizeof key, "\"key\":\"%s\"", seeded[1]);
    assert_rv(p11->C_GetAttributeValue(session, object, twice, 2), CKR_OK);
    assert_int_equal(find(session, guess, 2, &copy, 1), 0);
    assert_rv(p11->C_CopyObject(session, object, own, 1, &copy), CKR_OK);
    if (suite.writable)
        assert_rv(p11->C_CopyObject(session, object, other, 1, &copy), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    LINES(suite.place->elsewhere ? 1 : uses, "\"call\":\"read\"", key, "\"outcome\":\"OK\"");
}

static CK_OBJECT_HANDLE hmac_key(CK_SESSION_HANDLE session)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_key),
                               TEXT(CKA_LABEL, "global/jwt_signing_key")};
    CK_OBJECT_HANDLE found = 0;

    if (suite.writable)
        create_secret(session, "global/jwt_signing_key", KEY_HEX);
    assert_int_equal(find(session, template, 2, &found, 1), 1);
    return found;
}

static void each_use_of_a_key_has_a_line(void **state)
{
    CK_SESSION_HANDLE session = suite.writable ? open_rw() : open_ro();
    CK_OBJECT_HANDLE key = hmac_key(session);
    CK_MECHANISM mechanism = {CKM_SHA384_HMAC, NULL, 0};
    CK_MECHANISM wrong = {CKM_SHA256_RSA_PKCS, NULL, 0};
    unsigned char text[] = "text";
    unsigned char mac[64];
    CK_ULONG len = sizeof mac;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_OK);
        assert_rv(p11->C_Sign(session, text, 4, NULL, &len), CKR_OK);
        assert_rv(p11->C_Sign(session, text, 4, mac, &len), CKR_OK);
        assert_rv(p11->C_VerifyInit(session, &mechanism, key), CKR_OK);
        mac[0] ^= i == 0;
        assert_rv(p11->C_Verify(session, text, 4, mac, len),
                  i == 0 ? CKR_SIGNATURE_INVALID : CKR_OK);
    }
    assert_true(p11->C_SignInit(session, &wrong, key) != CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    LINES(3, "\"call\":\"sign\"", "\"key\":\"global/jwt_signing_key\"",
          "\"mechanism\":\"CKM_SHA384_HMAC\"", "\"outcome\":\"OK\"", "\"by\":\"module\"");
    LINES(2, "\"call\":\"verify\"", "\"outcome\":\"OK\"", "\"mechanism\":\"CKM_SHA384_HMAC\"");
    LINES(1, "\"call\":\"verify\"", "\"outcome\":\"CKR_SIGNATURE_INVALID\"");
    read_lines();
    assert_null(strstr(lines, KEY_HEX));
}

static void each_use_of_a_key_pair_has_a_line(void **state)
{
    CK_MECHANISM mechanism = {CKM_ECDSA_SHA256, NULL, 0};
    CK_MECHANISM rsa = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE key;
    CK_OBJECT_HANDLE idle;
    unsigned char text[] = "text";
    unsigned char signature[1024];
    CK_ULONG len = sizeof signature;

    (void)state;
    key = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_p256");
    idle = pair_find(CKO_PRIVATE_KEY, "global/idle");
    assert_rv(p11->C_SignInit(pair_session, &mechanism, key), CKR_OK);
    assert_rv(p11->C_SignUpdate(pair_session, text, 4), CKR_OK);
    assert_rv(p11->C_SignFinal(pair_session, signature, &len), CKR_OK);
    assert_rv(p11->C_SignInit(pair_session, &rsa, key), CKR_KEY_TYPE_INCONSISTENT);
    assert_rv(p11->C_SignInit(pair_session, &rsa, idle), CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    LINES(1, "\"call\":\"sign\"", "\"key\":\"org/acme/tls_p256\"", "\"outcome\":\"OK\"",
          "\"mechanism\":\"CKM_ECDSA_SHA256\"", "\"by\":\"module\"");
    LINES(1, "\"call\":\"sign\"", "\"outcome\":\"CKR_KEY_TYPE_INCONSISTENT\"",
          "\"mechanism\":\"CKM_SHA256_RSA_PKCS\"", "\"key\":\"org/acme/tls_p256\"");
    LINES(1, "\"call\":\"sign\"", "\"outcome\":\"CKR_KEY_FUNCTION_NOT_PERMITTED\"",
          "\"key\":\"global/idle\"");
    read_lines();
    assert_null(strstr(lines, "BEGIN"));
}

static void each_use_of_an_aes_key_has_a_line(void **state)
{
    CK_BYTE iv[16] = {0};
    CK_MECHANISM cbc = {CKM_AES_CBC_PAD, iv, sizeof iv};
    CK_MECHANISM kwp = {CKM_AES_KEY_WRAP_KWP, NULL, 0};
    CK_OBJECT_HANDLE key;
    CK_OBJECT_HANDLE unwrapped;
    unsigned char data[64] = "text";
    CK_ULONG len = sizeof data;

    (void)state;
    key = pair_find(CKO_SECRET_KEY, "global/dek");
    assert_rv(p11->C_EncryptInit(pair_session, &cbc, key), CKR_OK);
    assert_rv(p11->C_EncryptUpdate(pair_session, data, 4, data, &len), CKR_OK);
    len = sizeof data;
    assert_rv(p11->C_EncryptFinal(pair_session, NULL, &len), CKR_OK);
    assert_rv(p11->C_EncryptFinal(pair_session, data, &len), CKR_OK);
    assert_rv(p11->C_DecryptInit(pair_session, &cbc, key), CKR_OK);
    assert_rv(p11->C_Decrypt(pair_session, data, 15, data, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
    assert_rv(p11->C_UnwrapKey(pair_session, &kwp, key, data, 16, NULL, 0, &unwrapped),
              CKR_KEY_FUNCTION_NOT_PERMITTED);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    LINES(1, "\"call\":\"encrypt\"", "\"key\":\"global/dek\"", "\"outcome\":\"OK\"",
          "\"mechanism\":\"CKM_AES_CBC_PAD\"", "\"by\":\"module\"");
    LINES(1, "\"call\":\"decrypt\"", "\"outcome\":\"CKR_ENCRYPTED_DATA_LEN_RANGE\"",
          "\"mechanism\":\"CKM_AES_CBC_PAD\"", "\"key\":\"global/dek\"");
    LINES(1, "\"call\":\"unwrap\"", "\"outcome\":\"CKR_KEY_FUNCTION_NOT_PERMITTED\"",
          "\"mechanism\":\"CKM_AES_KEY_WRAP_KWP\"", "\"key\":\"global/dek\"");
    read_lines();
    assert_null(strstr(lines, "2b7e15"));
}

/* The ends of an operation without a result. */
enum end { CANCEL, START_NONE, CLOSE, LOGOUT, FINALIZE, ENDS };

static void end_decryption(enum end end, CK_SESSION_HANDLE session)
{
    if (end == CANCEL)
        assert_rv(functions_3_0()->C_SessionCancel(session, CKF_DECRYPT), CKR_OK);
    else if (end == START_NONE)
        assert_rv(p11->C_DecryptInit(session, NULL, 0), CKR_OK);
    else if (end == CLOSE)
        assert_rv(p11->C_CloseSession(session), CKR_OK);
    else if (end == LOGOUT)
        assert_rv(p11->C_Logout(session), CKR_OK);
}

/* 5.10.3: "C_DecryptUpdate" gives data before the operation ends, however that is. */
static void a_use_that_is_cancelled_has_a_line(void **state)
{
    CK_BYTE iv[16] = {0};
    CK_MECHANISM cbc = {CKM_AES_CBC_PAD, iv, sizeof iv};

    (void)state;
    for (int i = 0; i < ENDS; i++) {
        CK_SESSION_HANDLE session = open_ro();
        CK_OBJECT_HANDLE key = pair_find(CKO_SECRET_KEY, "global/dek");
        unsigned char data[48] = "text";
        CK_ULONG len = sizeof data;

        assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
        end_decryption(CANCEL, session); /* no use: nothing has been decrypted */
        assert_rv(p11->C_DecryptInit(session, &cbc, key), CKR_OK);
        assert_rv(p11->C_DecryptUpdate(session, data, sizeof data, data, &len), CKR_OK);
        assert_int_equal(len, 32);
        end_decryption((enum end)i, session);
        if (i == LOGOUT)
            assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
    }
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    LINES(ENDS, "\"call\":\"decrypt\"", "\"key\":\"global/dek\"", "\"by\":\"module\"");
    LINES(ENDS, "\"call\":\"decrypt\"", "\"outcome\":\"CKR_FUNCTION_CANCELED\"");
}

/* 5.2: a buffer that is too short does not end the operation, but the key has been used. */
static void a_result_that_does_not_fit_is_a_use_of_one_message(void **state)
{
    CK_MECHANISM raw = {CKM_RSA_X_509, NULL, 0};
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "global/bare");
    unsigned char data[256] = {0};
    CK_ULONG len;

    (void)state;
    for (int other = 0; other < 2; other++) {
        assert_rv(p11->C_DecryptInit(pair_session, &raw, key), CKR_OK);
        assert_rv(p11->C_Decrypt(pair_session, data, sizeof data, NULL, &len), CKR_OK);
        len = 0;
        assert_rv(p11->C_Decrypt(pair_session, data, sizeof data, data, &len),
                  CKR_BUFFER_TOO_SMALL);
        data[200] = (unsigned char)other;
        assert_rv(p11->C_Decrypt(pair_session, data, sizeof data, data, &len),
                  other ? CKR_OPERATION_ACTIVE : CKR_OK);
    }
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    LINES(2, "\"call\":\"decrypt\"", "\"key\":\"global/bare\"");
    LINES(1, "\"call\":\"decrypt\"", "\"outcome\":\"CKR_OPERATION_ACTIVE\"");
}

/* A key that is made has one line of the module, with the mechanism. */
static void each_key_that_is_made_has_a_line(void **state)
{
    CK_MECHANISM aes = {CKM_AES_KEY_GEN, NULL, 0};
    CK_MECHANISM hmac = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    CK_MECHANISM curve = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_ULONG len = 32;
    CK_ATTRIBUTE dek[] = {VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "global/dek_new"),
                          VARIABLE(CKA_VALUE_LEN, len)};
    CK_ATTRIBUTE mac[] = {VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "org/acme/mac"),
                          VARIABLE(CKA_VALUE_LEN, len)};
    CK_ATTRIBUTE private[] = {VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "org/acme/tls_new")};
    CK_ATTRIBUTE public[] = {VARIABLE(CKA_EC_PARAMS, pair_p256)};
    CK_OBJECT_HANDLE keys[2];

    (void)state;
    if (!suite.writable)
        skip();
    assert_rv(p11->C_GenerateKey(pair_session, &aes, dek, 3, &keys[0]), CKR_OK);
    assert_rv(p11->C_GenerateKey(pair_session, &aes, dek, 3, &keys[0]), CKR_SIDESEAT_CONFLICT);
    assert_rv(p11->C_GenerateKey(pair_session, &hmac, mac, 3, &keys[0]), CKR_OK);
    assert_rv(
        p11->C_GenerateKeyPair(pair_session, &curve, public, 1, private, 2, &keys[1], &keys[0]),
        CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    LINES(1, "\"call\":\"generate\"", "\"key\":\"global/dek_new\"", "\"outcome\":\"OK\"",
          "\"mechanism\":\"CKM_AES_KEY_GEN\"", "\"by\":\"module\"");
    LINES(1, "\"call\":\"generate\"", "\"key\":\"global/dek_new\"",
          "\"outcome\":\"CKR_SIDESEAT_CONFLICT\"");
    LINES(1, "\"call\":\"generate\"", "\"key\":\"org/acme/mac\"",
          "\"mechanism\":\"CKM_GENERIC_SECRET_KEY_GEN\"");
    LINES(1, "\"call\":\"generate\"", "\"key\":\"org/acme/tls_new\"",
          "\"mechanism\":\"CKM_EC_KEY_PAIR_GEN\"");
    LINES(0, "\"call\":\"write\"", "\"key\":\"org/acme/tls_new\"", "\"by\":\"module\"");
}

/* 5.6.8, CKU_CONTEXT_SPECIFIC: a wrong PIN for one use of a key. */
static void a_failed_login_for_a_key_has_a_line(void **state)
{
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "global/asking_rsa");

    (void)state;
    assert_rv(p11->C_SignInit(pair_session, &mechanism, key), CKR_OK);
    assert_rv(p11->C_Login(pair_session, CKU_CONTEXT_SPECIFIC, (CK_UTF8CHAR *)"sesame", 6),
              CKR_PIN_INCORRECT);
    assert_rv(p11->C_Login(pair_session, CKU_CONTEXT_SPECIFIC, (CK_UTF8CHAR *)PASSPHRASE,
                           sizeof PASSPHRASE - 1),
              CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    LINES(1, "\"call\":\"login\"", "\"key\":\"global/asking_rsa\"",
          "\"mechanism\":\"CKM_SHA256_RSA_PKCS\"", "\"outcome\":\"CKR_PIN_INCORRECT\"",
          "\"by\":\"module\"");
    LINES(1, "\"call\":\"login\"", "\"key\":\"global/asking_rsa\"");
    read_lines();
    assert_null(strstr(lines, "sesame"));
    assert_null(strstr(lines, PASSPHRASE));
}

/* A program that ends without C_Finalize, and a child that goes on with the module. */
static int use_and_exit(void)
{
    CK_SESSION_HANDLE session;

    if (p11->C_Initialize(NULL) != CKR_OK)
        return 1;
    session = open_ro();
    if (find_label(session, seeded[2]) == 0)
        return 2;
    (void)get_text(session, find_label(session, seeded[2]), CKA_VALUE, NULL);
    exit(0);
}

static void a_child_and_a_sudden_end_lose_no_line(void **state)
{
    char key[300];

    (void)state;
    snprintf(key, sizeof key, "\"key\":\"%s\"", seeded[2]);
    if (!suite.persistent)
        return;
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_int_equal(in_child(use_and_exit), 0);
    LINES(1, "\"call\":\"read\"", key, "\"outcome\":\"OK\"");
}

#define audited(test) cmocka_unit_test_setup_teardown(test, audited_secrets, without_secrets)

static const struct CMUnitTest tests[] = {
    audited(each_use_of_a_secret_has_a_line),
    audited(a_read_is_a_read),
    audited(no_way_to_a_value_is_without_a_line),
    audited(each_use_of_a_key_has_a_line),
    cmocka_unit_test_setup_teardown(each_use_of_a_key_pair_has_a_line, audited_pairs,
                                    without_audited_pairs),
    cmocka_unit_test_setup_teardown(each_use_of_an_aes_key_has_a_line, audited_pairs,
                                    without_audited_pairs),
    cmocka_unit_test_setup_teardown(a_use_that_is_cancelled_has_a_line, audited_pairs,
                                    without_audited_pairs),
    cmocka_unit_test_setup_teardown(a_result_that_does_not_fit_is_a_use_of_one_message,
                                    audited_pairs, without_audited_pairs),
    cmocka_unit_test_setup_teardown(each_key_that_is_made_has_a_line, audited_pairs,
                                    without_audited_pairs),
    cmocka_unit_test_setup_teardown(a_failed_login_for_a_key_has_a_line, audited_pairs,
                                    without_audited_pairs),
    audited(a_child_and_a_sudden_end_lose_no_line),
};

const struct chapter audit_chapter = CHAPTER("audit", tests);
