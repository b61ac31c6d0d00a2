/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"
#include "tests/conformance/place.h"

#include <dlfcn.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct suite suite;

const char *const seeded[SEEDED] = {"global/alpha", "org/acme/api_key", "project/p1/token",
                                    "user/u1/personal_token"};
/* The same for the environment backend. */
static const char *const seeded_variables[SEEDED] = {
    "SIDESEAT_SECRET_GLOBAL_ALPHA", "SIDESEAT_SECRET_ORG_ACME_API_KEY",
    "SIDESEAT_SECRET_PROJECT_P1_TOKEN", "SIDESEAT_SECRET_USER_U1_PERSONAL_TOKEN"};

static const struct chapter *const chapters[] = {
    &general_chapter,
    &arguments_chapter,
    &interface_chapter,
    &unsupported_chapter,
    &slot_chapter,
    &session_chapter,
    &login_chapter,
    &attribute_chapter,
    &find_chapter,
    &vendor_chapter,
    &object_chapter,
    &change_chapter,
    &protected_chapter,
    &digest_chapter,
    &session_object_chapter,
    &random_chapter,
    &thread_chapter,
    &model_chapter,
    &key_chapter,
    &pair_chapter,
    &pair_sign_chapter,
    &pair_decrypt_chapter,
    &derive_chapter,
    &wrap_chapter,
    &encrypt_chapter,
    &aes_key_chapter,
    &pair_fault_chapter,
    &release_chapter,
    &length_chapter,
    &contention_chapter,
    &template_chapter,
    &typed_key_chapter,
    &profile_chapter,
    &probe_chapter,
    &public_key_chapter,
    &audit_chapter,
    &audit_target_chapter,
    &history_chapter,
    &generate_pair_chapter,
    &create_private_chapter,
    &confirm_chapter,
    &create_certificate_chapter,
};

void write_configuration(const char *json)
{
    char path[160];
    FILE *file;

    snprintf(path, sizeof path, "%s/sideseat.json", suite.folder);
    unlink(path);
    file = fopen(path, "we");
    assert_non_null(file);
    fputs(json, file);
    fclose(file);
    assert_int_equal(chmod(path, 0600), 0);
}

/* Nothing of the machine's or the developer's own configuration reaches the module. */
static void enter_folder(void)
{
    static const char *const unwanted[] = {"SIDESEAT_SECRETS_ENV_PREFIX",
                                           "XDG_DATA_HOME",
                                           "XDG_CONFIG_HOME",
                                           "VAULT_TOKEN",
                                           "VAULT_ADDR",
                                           "DBUS_SESSION_BUS_ADDRESS"};
    char path[160];

    snprintf(path, sizeof path, "%s/data", suite.folder);
    setenv("SIDESEAT_DATA_DIR", path, 1);
    snprintf(path, sizeof path, "%s/sideseat.json", suite.folder);
    setenv("SIDESEAT_CONFIG", path, 1);
    setenv("SIDESEAT_SECRETS_BACKEND", suite.backend, 1);
    if (!suite.place->elsewhere) {
        setenv("HOME", suite.folder, 1);
        for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
            unsetenv(unwanted[i]);
    }
    for (size_t i = 0; i < SEEDED; i++)
        unsetenv(seeded_variables[i]);
}

int with_module(void **state)
{
    const char *temp = getenv("TMPDIR");
    CK_RV (*get_list)(CK_FUNCTION_LIST **);

    (void)state;
    snprintf(suite.folder, sizeof suite.folder, "%s/sideseat-conformance-XXXXXX",
             temp == NULL || strlen(temp) > 90 ? "/tmp" : temp);
    if (mkdtemp(suite.folder) == NULL)
        return -1;
    enter_folder();
    write_configuration(place_configuration(suite.place));
    if (!place_make(suite.place)) {
        print_error("%s: there is no place for a test\n", suite.backend);
        return -1;
    }
    suite.handle = dlopen(suite.module, RTLD_NOW | RTLD_LOCAL);
    if (suite.handle == NULL) {
        print_error("%s\n", dlerror());
        return -1;
    }
    *(void **)&get_list = dlsym(suite.handle, "C_GetFunctionList");
    return get_list != NULL && get_list(&suite.functions) == CKR_OK ? 0 : -1;
}

int with_library(void **state)
{
    if (with_module(state) != 0)
        return -1;
    return p11->C_Initialize(NULL) == CKR_OK ? 0 : -1;
}

int with_secrets(void **state)
{
    char value[64];

    if (with_module(state) != 0)
        return -1;
    for (size_t i = 0; i < SEEDED && !suite.writable; i++) {
        snprintf(value, sizeof value, "value of %s", seeded[i]);
        setenv(seeded_variables[i], value, 1);
    }
    if (p11->C_Initialize(NULL) != CKR_OK)
        return -1;
    if (!suite.writable)
        return 0;
    CK_SESSION_HANDLE session = open_rw();
    for (size_t i = 0; i < SEEDED; i++) {
        snprintf(value, sizeof value, "value of %s", seeded[i]);
        create_secret(session, seeded[i], value);
    }
    return p11->C_CloseSession(session) == CKR_OK ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *found, int type, struct FTW *ftw)
{
    (void)found;
    (void)type;
    (void)ftw;
    return remove(path);
}

int without_module(void **state)
{
    (void)state;
    if (suite.functions != NULL)
        p11->C_Finalize(NULL);
    suite.functions = NULL;
    if (suite.handle != NULL)
        dlclose(suite.handle);
    suite.handle = NULL;
    place_remove(suite.place);
    return nftw(suite.folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct chapter *chapter_named(const char *name)
{
    for (size_t i = 0; i < sizeof chapters / sizeof chapters[0]; i++)
        if (strcmp(chapters[i]->name, name) == 0)
            return chapters[i];
    for (size_t i = 0; system_chapters[i] != NULL; i++)
        if (strcmp(system_chapters[i]->name, name) == 0)
            return system_chapters[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const struct chapter *chapter;

    if (argc < 4) {
        fprintf(stderr, "usage: %s MODULE BACKEND CHAPTER [PATTERN]\n", argv[0]);
        return 64;
    }
    suite.module = argv[1];
    suite.backend = argv[2];
    suite.place = place_find(suite.backend);
    if (suite.place == NULL) {
        fprintf(stderr, "place.c has no backend %s\n", suite.backend);
        return 64;
    }
    suite.writable = !suite.place->read_only;
    suite.persistent = !suite.place->until_exit;
    suite.versions = suite.writable;
    suite.times = suite.writable && !suite.place->no_times;
    if (strcmp(argv[3], "child") == 0)
        return child_main(argc - 4, argv + 4);
    chapter = chapter_named(argv[3]);
    if (chapter == NULL) {
        fprintf(stderr, "there is no chapter %s\n", argv[3]);
        return 64;
    }
    if (argc > 4)
        cmocka_set_test_filter(argv[4]);
    return _cmocka_run_group_tests(chapter->name, chapter->tests, chapter->count, NULL, NULL) != 0;
}
