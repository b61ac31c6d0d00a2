/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_FILE_SALVAGE_H
#define BACKENDS_FILE_SALVAGE_H

#include <stddef.h>
#include <stdint.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * Saves records of a file that is not JSON: cut off, with a comma too many, with a hole in the
 * middle, with the marks of a merge in it.
 *
 * This saves a record if all of it is there, as JSON that is a record, under a key that appears
 * once in the text: of two, nobody can tell the right one. A record within another whole member (an
 * old copy in a foreign member) does not count. This saves nothing of a version newer than ours.
 */

/* Makes the text of the document that replaces the file. It has the saved records as they stand
 * (file_write_record), and the mark (mark.h) with `backup`, a name without a folder, and the names
 * in the damaged file's own mark. NO_MEMORY, TOO_BIG, TIMEOUT. */
enum store_err file_salvage(const struct store_secret *damaged, const char *backup,
                            int64_t deadline_ns, struct store_secret *out,
                            size_t *saved) STORE_CHECKED;

#endif
