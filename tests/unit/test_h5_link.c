/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include "h5_link.h"
#include "h5_scope.h"

static hid_t make_file(void)
{
    HMZ_H5_SCOPED access = H5Pcreate(H5P_FILE_ACCESS);
    assert_true(H5Pset_fapl_core(access, 1024, 0) >= 0);
    hid_t file = H5Fcreate("links", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    assert_true(file >= 0);
    return file;
}

/* Whatever lay in the room of the value before: libhdf5 looks at its end. */
static void test_a_link_is_read_into_any_room(void **state)
{
    (void)state;
    HMZ_H5_SCOPED file = make_file();
    struct hmz_h5_link link;
    memset(&link, 0xff, sizeof link);
    assert_true(
        H5Lcreate_external("../a run.h5", "/events/event_1", file, "there", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    assert_true(hmz_h5_link_read(file, "there", &link));
    assert_string_equal(link.file, "../a run.h5");
    assert_string_equal(link.target, "/events/event_1");
}

static void test_what_is_no_external_link(void **state)
{
    (void)state;
    HMZ_H5_SCOPED file = make_file();
    HMZ_H5_SCOPED group = H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    struct hmz_h5_link link;
    assert_true(group >= 0 && H5Lcreate_soft("/group", file, "soft", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    H5E_BEGIN_TRY
    {
        assert_false(hmz_h5_link_read(file, "nothing", &link));
        assert_false(hmz_h5_link_read(file, "group", &link));
        assert_false(hmz_h5_link_read(file, "soft", &link));
    }
    H5E_END_TRY
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_link_is_read_into_any_room),
        cmocka_unit_test(test_what_is_no_external_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
