/* SPDX-License-Identifier: Apache-2.0 */
#include "module/libcrypto.h"

#include <dlfcn.h>

#include "store/log.h"

bool libcrypto_find(const char *const *names, void **functions, size_t count)
{
    void *handle = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
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
