/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_AS_SYS_UCRED_H
#define TESTS_MACOS_AS_SYS_UCRED_H

#include <sys/types.h>

#define XUCRED_VERSION 0

struct xucred {
    unsigned cr_version;
    uid_t cr_uid;
};

#endif
