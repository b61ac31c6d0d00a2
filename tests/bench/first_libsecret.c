/* SPDX-License-Identifier: Apache-2.0 */
#include <libsecret/secret.h>
#include <string.h>

/* The program to compare a first value with: one look-up by libsecret's plainest call. */
int main(int argc, char **argv)
{
    static const SecretSchema schema = {
        "com.sideseat.Secret",
        SECRET_SCHEMA_NONE,
        {{"key", SECRET_SCHEMA_ATTRIBUTE_STRING}, {NULL, 0}},
        0,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
    };
    char *value =
        argc == 2 ? secret_password_lookup_sync(&schema, NULL, NULL, "key", argv[1], NULL) : NULL;

    if (value == NULL)
        return 1;
    secret_password_free(value);
    return 0;
}
