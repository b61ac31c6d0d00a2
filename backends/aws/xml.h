/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_XML_H
#define BACKENDS_AWS_XML_H

#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * The XML of STS's and IAM's answers (and of gateways, for errors of any service). expat reads it,
 * with allocators that wipe, since session keys pass through. Document types, elements that are
 * nested more than 31 deep and more than 1 MiB are CORRUPT.
 *
 * Threads: any number.
 */
struct aws_xml_field {
    const char *element;       /* the element's name; the first one of that name counts */
    struct store_secret value; /* its text; empty if there is none */
    int seen;
};

/* Fills in the fields. CORRUPT, not logged, if `text` is not well-formed. */
enum store_err aws_xml_read(const struct store_secret *text, struct aws_xml_field *fields,
                            size_t count) STORE_CHECKED;

/* Wipes the values. */
void aws_xml_clear(struct aws_xml_field *fields, size_t count);

/* Receives an element at its end, so after the elements inside it: its parent's name ("" for the
 * root), its own, and its text, which is empty if it has elements inside. An error ends the
 * reading, which returns it. */
typedef enum store_err aws_xml_each_fn(void *arg, const char *parent, const char *name,
                                       const struct store_secret *text);

/* Passes each element to `each`. CORRUPT, not logged, if `text` is not well-formed, perhaps after
 * some elements. */
enum store_err aws_xml_each(const struct store_secret *text, aws_xml_each_fn *each,
                            void *arg) STORE_CHECKED;

#endif
