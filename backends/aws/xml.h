/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_XML_H
#define BACKENDS_AWS_XML_H

#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * The XML of STS's answers (and of gateways, for errors of any service). expat reads it, with
 * allocators that wipe, since session keys pass through; document types are refused.
 */
struct aws_xml_field {
    const char *element;       /* the element's name; the first one of that name counts */
    struct store_secret value; /* its text; empty if there is none */
    int seen;
};

/* Fills in the fields. CORRUPT, not logged, if `text` is not well-formed. Threads: any number. */
enum store_err aws_xml_read(const struct store_secret *text, struct aws_xml_field *fields,
                            size_t count) STORE_CHECKED;

/* Wipes the values. */
void aws_xml_clear(struct aws_xml_field *fields, size_t count);

#endif
