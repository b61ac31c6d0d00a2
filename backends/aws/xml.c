/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/xml.h"

#include <expat.h>
#include <stdbool.h>
#include <string.h>

#include "backends/http/memory.h"

#define TEXT_MAX ((size_t)1024 * 1024)
#define DEPTH_MAX 32 /* the level above the root included */
#define NAME_SIZE 64 /* AWS's longest names have half of it; a longer name is cut */

struct reading {
    XML_Parser parser;
    aws_xml_each_fn *each;
    void *arg;
    enum store_err err;
    char names[DEPTH_MAX][NAME_SIZE]; /* of the open elements; the first is above the root */
    size_t depth;
    bool leaf; /* the innermost open element has no element inside yet */
    struct store_secret text;
};

static void reading_stop(struct reading *reading, enum store_err err)
{
    if (reading->err == STORE_OK)
        reading->err = err;
    (void)XML_StopParser(reading->parser, XML_FALSE);
}

static void XMLCALL element_begin(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *reading = arg;
    size_t len = strnlen(name, NAME_SIZE - 1);

    (void)attributes;
    store_secret_wipe(&reading->text);
    if (reading->depth + 1 == DEPTH_MAX) {
        reading_stop(reading, STORE_CORRUPT);
        return;
    }
    reading->depth++;
    memcpy(reading->names[reading->depth], name, len);
    reading->names[reading->depth][len] = '\0';
    reading->leaf = true;
}

static void XMLCALL element_end(void *arg, const XML_Char *name)
{
    struct reading *reading = arg;
    enum store_err err;

    (void)name;
    if (reading->err != STORE_OK)
        return; /* expat ends an element that it has begun, even if that stopped it */
    if (!reading->leaf)
        store_secret_wipe(&reading->text);
    err = reading->each(reading->arg, reading->names[reading->depth - 1],
                        reading->names[reading->depth], &reading->text);
    reading->depth--;
    reading->leaf = false;
    store_secret_wipe(&reading->text);
    if (err != STORE_OK)
        reading_stop(reading, err);
}

static void XMLCALL element_text(void *arg, const XML_Char *text, int len)
{
    struct reading *reading = arg;
    enum store_err err;

    if (!reading->leaf)
        return;
    err = store_secret_append(&reading->text, text, (size_t)len);
    if (err != STORE_OK)
        reading_stop(reading, err);
}

static void XMLCALL document_type(void *arg, const XML_Char *name, const XML_Char *system,
                                  const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    reading_stop(arg, STORE_CORRUPT);
}

enum store_err aws_xml_each(const struct store_secret *text, aws_xml_each_fn *each, void *arg)
{
    static const XML_Memory_Handling_Suite memory = {wiping_malloc, wiping_realloc, wiping_free};
    struct reading reading = {.each = each, .arg = arg};

    if (text->len > TEXT_MAX)
        return STORE_CORRUPT;
    reading.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (reading.parser == NULL)
        return STORE_NO_MEMORY;
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, element_begin, element_end);
    XML_SetCharacterDataHandler(reading.parser, element_text);
    XML_SetStartDoctypeDeclHandler(reading.parser, document_type);
    if (XML_Parse(reading.parser, (const char *)text->data, (int)text->len, 1) != XML_STATUS_OK &&
        reading.err == STORE_OK)
        reading.err = STORE_CORRUPT;
    XML_ParserFree(reading.parser);
    store_secret_wipe(&reading.text);
    return reading.err;
}

/* The fields of a call of aws_xml_read. */
struct fields {
    struct aws_xml_field *at;
    size_t count;
};

static enum store_err field_fill(void *arg, const char *parent, const char *name,
                                 const struct store_secret *text)
{
    struct fields *fields = arg;

    (void)parent;
    for (size_t i = 0; i < fields->count; i++) {
        struct aws_xml_field *field = &fields->at[i];

        if (field->seen || strcmp(field->element, name) != 0)
            continue;
        field->seen = 1;
        store_secret_share(&field->value, text);
    }
    return STORE_OK;
}

enum store_err aws_xml_read(const struct store_secret *text, struct aws_xml_field *fields,
                            size_t count)
{
    struct fields wanted = {fields, count};
    enum store_err err = aws_xml_each(text, field_fill, &wanted);

    if (err != STORE_OK)
        aws_xml_clear(fields, count);
    return err;
}

void aws_xml_clear(struct aws_xml_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        store_secret_wipe(&fields[i].value);
        fields[i].seen = 0;
    }
}
