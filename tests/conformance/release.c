/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdlib.h>

/* A build for users: the memory backend, which forgets everything, cannot be asked for. */

static void assert_unusable(const char *arguments)
{
    CK_C_INITIALIZE_ARGS with = {.flags = CKF_OS_LOCKING_OK,
                                 .pReserved = (void *)(uintptr_t)arguments};
    CK_INFO info;

    assert_true(p11->C_Initialize(arguments == NULL ? NULL : &with) != CKR_OK);
    assert_rv(p11->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
}

static void no_configuration_reaches_the_memory_backend(void **state)
{
    (void)state;
    assert_unusable("backend=memory");
    setenv("SIDESEAT_SECRETS_BACKEND", "memory", 1);
    assert_unusable(NULL);
    unsetenv("SIDESEAT_SECRETS_BACKEND");
    write_configuration("{\"secrets\": {\"backend\": \"memory\"}}");
    assert_unusable(NULL);
    write_configuration(
        "{\"pkcs11\": {\"tokens\": [{\"label\": \"t\", \"backend\": \"memory\"}]}}");
    assert_unusable(NULL);
    write_configuration("{\"secrets\": {\"backend\": \"file\"}}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
}

static const struct CMUnitTest tests[] = {bare(no_configuration_reaches_the_memory_backend)};

const struct chapter release_chapter = CHAPTER("release", tests);
