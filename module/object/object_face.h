/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_FACE_H
#define MODULE_OBJECT_OBJECT_FACE_H

#include "module/object/object_view.h"
#include "module/object/schema.h"

/* The attributes of private keys, public keys and certificates on the token. The kind allows the
 * attribute, and the view holds what object_face_need names. */
CK_RV object_face_attribute(const struct object_view *view, const struct schema_row *row,
                            struct object_bytes *out);

/* OBJECT_NEED_FACE, or OBJECT_NEED_NOTHING for an attribute that the configuration gives. */
enum object_need object_face_need(const struct object_view *view, CK_ATTRIBUTE_TYPE type);

/* What the key of a pair may do, as STORE_USAGE_… bits: by its rule, or by its flags if a session
 * owns it. */
unsigned object_face_usage(const struct object_view *view);

/* True if the face that the view holds has this object: of a certificate, the same one. */
bool object_face_exists(const struct object_view *view);

#endif
