/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/path.h"
#include "store/backend.h"

/* TLS with Windows' own library, beside a Vault whose certificate is signed by a CA of its own
 * (tests/servers/with_vault.py --tls). */

/* A certificate that signs nothing here. */
static const char another_ca[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBgjCCASegAwIBAgIUP8aldSJIwQpHYlQjNRKzhXPBO/cwCgYIKoZIzj0EAwIw\n"
    "FTETMBEGA1UEAwwKYW5vdGhlciBDQTAgFw0yNjExMjkwMzI3NTVaGA8yMTI2MTEw\n"
    "NTAzMjc1NVowFTETMBEGA1UEAwwKYW5vdGhlciBDQTBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABPdHLS05yjyHEWSDUoIjGN4fm/G0OiAgbzkvo1U6Ai9TO6IioT4J\n"
    "ofHSYsNVi6m3RuDcNWhxCC7knxyFByvJnICjUzBRMB0GA1UdDgQWBBTOxSJOEZRE\n"
    "kem/PIVBoeRMRnXY/jAfBgNVHSMEGDAWgBTOxSJOEZREkem/PIVBoeRMRnXY/jAP\n"
    "BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQC3GsIcoZJJLmviggQk\n"
    "87GDaSdHU+N3ME4iJNBtS67vmgIhAJx5lgoUFTzuHyaqhi7DOMrE7r93Sm2TmOk0\n"
    "P7jYwAt8\n"
    "-----END CERTIFICATE-----\n";

/* The CA's file, as Windows names it. */
static void ca_file(char out[512])
{
    const char *path = getenv("VAULT_CACERT");

    assert_non_null(path);
    snprintf(out, 512, "%s%s", path[0] == '/' ? "Z:" : "", path);
}

static void put(struct store_conf_set *set, const char *path, const char *value)
{
    assert_int_equal(store_conf_put(set, path, value, strlen(value), "test"), STORE_OK);
}

/* The server by its name: with a CA of its own, libcurl does not compare numbers. */
static void put_address(struct store_conf_set *set)
{
    char address[64];
    const char *port = strrchr(getenv("VAULT_ADDR"), ':');

    assert_non_null(port);
    snprintf(address, sizeof address, "https://localhost%s", port);
    put(set, "vault.address", address);
}

/* Reads a secret that is not there, with settings, ended by NULL. */
static enum store_err read_with(const char *const *settings)
{
    struct store_conf_set *set = NULL;
    AUTO_RECORD record = {0};
    struct store store;
    enum store_err err;

    assert_int_equal(store_conf_begin(&set, "tls", "vault"), STORE_OK);
    put_address(set);
    put(set, "vault.token", getenv("VAULT_TOKEN"));
    for (; *settings != NULL; settings += 2)
        put(set, settings[0], settings[1]);
    err = store_open_at(&store, store_conf_at(set, 0), STORE_IN_PROCESS);
    if (err == STORE_OK) {
        err = store.backend->read(store.ctx, "global/absent", &record);
        store_close(&store);
    }
    store_conf_free(set);
    return err;
}

static void a_ca_in_a_file_is_trusted(void **state)
{
    char path[512];

    (void)state;
    ca_file(path);
    assert_int_equal(read_with((const char *[]){"vault.ca_cert", path, NULL}), STORE_NOT_FOUND);
}

static void a_ca_in_a_folder_is_trusted(void **state)
{
    char path[512];

    (void)state;
    ca_file(path);
    assert_true(platform_path_parent(path));
    assert_int_equal(read_with((const char *[]){"vault.ca_path", path, NULL}), STORE_NOT_FOUND);
}

static void a_server_of_another_ca_is_not_trusted(void **state)
{
    char path[520];
    FILE *file;

    (void)state;
    ca_file(path);
    assert_true(platform_path_parent(path));
    strncat(path, "/other", sizeof path - strlen(path) - 1);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(another_ca, file) >= 0);
    fclose(file);
    assert_int_equal(read_with((const char *[]){"vault.ca_cert", path, NULL}), STORE_UNAVAILABLE);
    assert_int_equal(remove(path), 0);
}

static void a_client_certificate_is_a_wrong_setting(void **state)
{
    char path[512];

    (void)state;
    ca_file(path);
    assert_int_equal(
        read_with((const char *[]){"vault.client_cert", path, "vault.client_key", path, NULL}),
        STORE_BAD_CONF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ca_in_a_file_is_trusted),
        cmocka_unit_test(a_ca_in_a_folder_is_trusted),
        cmocka_unit_test(a_server_of_another_ca_is_not_trusted),
        cmocka_unit_test(a_client_certificate_is_a_wrong_setting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
