/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_WINDOWS_INCLUDE_P11_KIT_PKCS11_H
#define PLATFORM_WINDOWS_INCLUDE_P11_KIT_PKCS11_H

#pragma GCC system_header

/* p11-kit's header, without its words for a program that links a module as a library: this is the
 * module. */

#pragma push_macro("__declspec")
#undef __declspec
#define __declspec(words)
#include_next <p11-kit/pkcs11.h>
#pragma pop_macro("__declspec")

#endif
