/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_DOUBLE_INCLUDE_SDDL_H
#define TESTS_WINDOWS_DOUBLE_INCLUDE_SDDL_H

#include <windows.h>

/* Access lists and users as text; see windows.h. */

#define SDDL_REVISION_1 1

BOOL ConvertSidToStringSidW(void *sid, WCHAR **out);
BOOL ConvertStringSecurityDescriptorToSecurityDescriptorW(const WCHAR *text, DWORD revision,
                                                          void **out, DWORD *size);

#endif
