/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FILE_SALVAGE_H
#define FILE_SALVAGE_H

#include <stddef.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * What can be saved of a file that is not JSON: cut off, with a comma too many, with a hole in the
 * middle, with the marks of a merge in it.
 *
 * A record is saved if all of it is there, as JSON that is a record, under a key that stands
 * nowhere else in the text; where a key stands twice, nobody can tell which is right. What lies
 * within something else that is whole (an old copy in a member that is not ours) is no record.
 * Nothing is saved of a version newer than ours.
 */

/* Makes the text of the document that takes the file's place. It has the records that were saved,
 * as they stand (file_write_record), and the mark (mark.h) that it replaces `backup`, a name
 * without a folder, and what the damaged file itself replaced. NO_MEMORY, TOO_BIG, TIMEOUT. */
enum store_err file_salvage(const struct store_secret *damaged, const char *backup,
                            int64_t deadline_ns, struct store_secret *out,
                            size_t *saved) STORE_CHECKED;

#endif
