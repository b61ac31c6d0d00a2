/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LINE_SHAPE_H
#define STORE_LINE_SHAPE_H

#include <stdint.h>

/* A number that lines have in common which differ only in words that contain scope keys, and in
 * practice no others: so that many lines about one fault can become one. */
uint64_t store_line_shape(const char *text);

#endif
