/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_LOCK_H
#define PLATFORM_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

/* Locks of open files: they belong to the open file description, so they end with the last copy of
 * the descriptor, and exclude other threads, too. None of these waits. */

/* True if each byte of a file has a lock of its own. False: a file has one, for any byte. */
extern const bool platform_lock_has_bytes;

/* 0, EAGAIN if somebody else has it, or another errno. */
int platform_lock_try(int fd, off_t byte);
void platform_lock_drop(int fd, off_t byte);

/* True if somebody else has one of the bytes from `first` to `last`. Not for a descriptor that has
 * one itself. */
bool platform_lock_is_taken(int fd, off_t first, off_t last);

/* Locks an open folder or file as a whole, beside the locks of bytes: 0, EAGAIN if somebody else
 * has it, or another errno if the system or the file system cannot. */
int platform_lock_whole(int fd);
void platform_unlock_whole(int fd);

#endif
