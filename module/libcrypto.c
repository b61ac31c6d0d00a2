/* SPDX-License-Identifier: Apache-2.0 */
#include "module/libcrypto.h"

#include <dlfcn.h>
#include <string.h>

#include "platform/system.h"
#include "store/log.h"
#include "store/user.h"

static void *open_library(void)
{
    void *handle = NULL;

    for (size_t i = 0; handle == NULL && platform_libcrypto[i] != NULL; i++)
        if (strchr(platform_libcrypto[i], '/') == NULL || !store_privileged())
            handle = dlopen(platform_libcrypto[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    return handle;
}

bool libcrypto_find(const char *const *names, void **functions, size_t count)
{
    void *handle = open_library();
    bool found = handle != NULL;
    const char *why;

    for (size_t i = 0; found && i < count; i++) {
        functions[i] = dlsym(handle, names[i]);
        found = functions[i] != NULL;
    }
    if (found)
        return true;
    why = dlerror();
    store_log(STORE_LOG_ERROR, "pkcs11: cannot use libcrypto: %s; install OpenSSL 3",
              why == NULL ? "a function is missing" : why);
    return false;
}
