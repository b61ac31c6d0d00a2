/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdio.h>

#include "module/object/listing.h"

static void a_listing_grows(void **state)
{
    struct listing *listing = listing_new("org/");

    (void)state;
    for (CK_OBJECT_HANDLE i = 1; i <= 1000; i++)
        assert_true(listing_add(listing, i));
    assert_int_equal(listing->count, 1000);
    assert_int_equal(listing->handles[999], 1000);
    listing_drop(listing);
}

static void the_last_few_are_kept_by_prefix(void **state)
{
    struct listings listings = {0};
    uint64_t ids[LISTINGS_KEPT + 1];

    (void)state;
    listings_init(&listings);
    for (size_t i = 0; i < LISTINGS_KEPT + 1; i++) {
        char prefix[16];
        struct listing *listing;

        snprintf(prefix, sizeof prefix, "org/%zu/", i);
        listing = listing_new(prefix);
        ids[i] = listing->id;
        listings_keep(&listings, listing, 0);
        listing_drop(listing);
    }
    assert_null(listings_find(&listings, "org/0/"));
    assert_null(listings_find_id(&listings, ids[0]));
    for (size_t i = 1; i < LISTINGS_KEPT + 1; i++) {
        struct listing *found = listings_find_id(&listings, ids[i]);
        assert_non_null(found);
        listing_drop(found);
    }
    listings_free(&listings);
}

static void a_newer_one_takes_the_place_of_its_prefix(void **state)
{
    struct listings listings = {0};
    struct listing *first = listing_new("");
    struct listing *second = listing_new("");
    struct listing *found;

    (void)state;
    listings_init(&listings);
    listings_keep(&listings, first, 0);
    listings_keep(&listings, second, 0);
    found = listings_find(&listings, "");
    assert_ptr_equal(found, second);
    listing_drop(found);
    assert_null(listings_find_id(&listings, first->id));
    listing_drop(first);
    listing_drop(second);
    listings_clear(&listings);
    assert_null(listings_find(&listings, ""));
    listings_free(&listings);
}

static void a_listing_from_before_a_drop_is_not_kept(void **state)
{
    struct listings listings = {0};
    struct listing *listing = listing_new("");
    struct listing *found;
    uint64_t era;

    (void)state;
    listings_init(&listings);
    era = listings_era(&listings);
    listings_clear(&listings);
    listings_keep(&listings, listing, era);
    assert_null(listings_find(&listings, ""));
    listings_keep(&listings, listing, listings_era(&listings));
    found = listings_find(&listings, "");
    assert_ptr_equal(found, listing);
    listing_drop(found);
    listing_drop(listing);
    listings_free(&listings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_grows),
        cmocka_unit_test(the_last_few_are_kept_by_prefix),
        cmocka_unit_test(a_newer_one_takes_the_place_of_its_prefix),
        cmocka_unit_test(a_listing_from_before_a_drop_is_not_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
