/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pin.h"

#include "platform/windows/api.h"

void store_pin(void)
{
    static const char here = 0;
    HMODULE module;

    (void)GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                             (const wchar_t *)(const void *)&here, &module);
}
