/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/xml.h"

#include <expat.h>
#include <string.h>

#include "backends/http/memory.h"

struct reading {
    XML_Parser parser;
    struct aws_xml_field *fields;
    size_t count;
    struct aws_xml_field *open; /* the field of the current text */
    enum store_err err;
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

    (void)attributes;
    reading->open = NULL;
    for (size_t i = 0; i < reading->count; i++) {
        struct aws_xml_field *field = &reading->fields[i];

        if (!field->seen && strcmp(field->element, name) == 0) {
            field->seen = 1;
            reading->open = field;
        }
    }
}

static void XMLCALL element_end(void *arg, const XML_Char *name)
{
    (void)name;
    ((struct reading *)arg)->open = NULL;
}

static void XMLCALL element_text(void *arg, const XML_Char *text, int len)
{
    struct reading *reading = arg;
    enum store_err err;

    if (reading->open == NULL)
        return;
    err = store_secret_append(&reading->open->value, text, (size_t)len);
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

enum store_err aws_xml_read(const struct store_secret *text, struct aws_xml_field *fields,
                            size_t count)
{
    static const XML_Memory_Handling_Suite memory = {wiping_malloc, wiping_realloc, wiping_free};
    struct reading reading = {.fields = fields, .count = count};

    if (text->len > (size_t)1024 * 1024)
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
    if (reading.err != STORE_OK)
        aws_xml_clear(fields, count);
    return reading.err;
}

void aws_xml_clear(struct aws_xml_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        store_secret_wipe(&fields[i].value);
        fields[i].seen = 0;
    }
}
