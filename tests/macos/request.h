/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_REQUEST_H
#define TESTS_MACOS_REQUEST_H

#include <Security/Security.h>

/* A dictionary for the double, checked and taken apart. */

#define REQUEST_TEXT_SIZE 1024

enum request_ui { REQUEST_UI_ALLOW, REQUEST_UI_FAIL, REQUEST_UI_SKIP };
enum request_sync { REQUEST_SYNC_NO, REQUEST_SYNC_YES, REQUEST_SYNC_ANY };

struct request {
    bool data_protection;
    enum request_sync sync;
    enum request_ui ui;
    bool has_service, has_account, has_label, has_comment, has_group, has_accessible, has_class;
    char service[REQUEST_TEXT_SIZE], account[REQUEST_TEXT_SIZE], label[REQUEST_TEXT_SIZE];
    char comment[REQUEST_TEXT_SIZE], group[REQUEST_TEXT_SIZE];
    CFDataRef generic; /* borrowed; NULL: not given */
    CFDataRef data;
    bool has_limit, all;
    bool returns_data, returns_attributes, has_return;
};

/* errSecParam for an unknown name or a wrong type. */
OSStatus request_parse(CFDictionaryRef dictionary, struct request *out);

#endif
