/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pin.h"

#include <dlfcn.h>
#include <stddef.h>

void store_pin(void)
{
    static const char here = 0;
    Dl_info info;

    if (dladdr(&here, &info) != 0 && info.dli_fname != NULL)
        (void)dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}
