/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

void check(CK_RV rv, const char *call)
{
    if (rv == CKR_OK)
        return;
    fprintf(stderr, "%s: 0x%lx\n", call, rv);
    exit(1);
}

CK_FUNCTION_LIST *load(const char *module)
{
    void *library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *list = NULL;

    if (library != NULL)
        *(void **)&get = dlsym(library, "C_GetFunctionList");
    if (get == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    check(get(&list), "C_GetFunctionList");
    return list;
}
