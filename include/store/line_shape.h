/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LINE_SHAPE_H
#define STORE_LINE_SHAPE_H

#include <stdint.h>

/* A hash of the line without the words that contain scope keys. Lines about one fault of many
 * secrets have the same, and so can become one line; other lines have another, as far as a hash
 * goes. */
uint64_t store_line_shape(const char *text);

#endif
