/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_AS_SYS_STDIO_H
#define TESTS_MACOS_AS_SYS_STDIO_H

#define RENAME_EXCL 4

int renameatx_np(int from_folder, const char *from, int to_folder, const char *to, unsigned flags);

#endif
