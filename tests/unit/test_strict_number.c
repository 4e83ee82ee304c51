/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <locale.h>

#include "strict_number.h"

static const struct whole_case {
    const char *text;
    enum hmz_number_result result;
    uint64_t value;
} whole_cases[] = {
    {"0", HMZ_NUMBER_OK, 0},
    {"55", HMZ_NUMBER_OK, 55},
    {"+55", HMZ_NUMBER_OK, 55},
    {"0055", HMZ_NUMBER_OK, 55}, /* never octal */
    {"-0", HMZ_NUMBER_OK, 0},
    {"18446744073709551615", HMZ_NUMBER_OK, UINT64_MAX},
    {"18446744073709551616", HMZ_NUMBER_TOO_LARGE, 0},
    {"99999999999999999999999999", HMZ_NUMBER_TOO_LARGE, 0},
    {"-1", HMZ_NUMBER_NEGATIVE, 0},
    {"-99999999999999999999999999", HMZ_NUMBER_NEGATIVE, 0},
    {"", HMZ_NUMBER_BAD, 0},
    {"-", HMZ_NUMBER_BAD, 0},
    {" 55", HMZ_NUMBER_BAD, 0},
    {"55 ", HMZ_NUMBER_BAD, 0},
    {"55.5", HMZ_NUMBER_BAD, 0},
    {"55-69", HMZ_NUMBER_BAD, 0},
    {"1e3", HMZ_NUMBER_BAD, 0},
    {"0x37", HMZ_NUMBER_BAD, 0},
    {"0o55", HMZ_NUMBER_BAD, 0},
    {"1_000", HMZ_NUMBER_BAD, 0},
};

static void whole_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole_cases / sizeof *whole_cases; i++) {
        const struct whole_case *at = &whole_cases[i];
        uint64_t value = 0;
        enum hmz_number_result result = hmz_number_parse_u64(at->text, &value);
        if (result != at->result || (result == HMZ_NUMBER_OK && value != at->value))
            fail_msg("\"%s\": result %d, value %llu", at->text, (int)result, (unsigned long long)value);
    }
}

static const struct whole_case giga_cases[] = {
    {"10", HMZ_NUMBER_OK, 10000000000},
    {"10.0", HMZ_NUMBER_OK, 10000000000},
    {"10.", HMZ_NUMBER_OK, 10000000000},
    {".5", HMZ_NUMBER_OK, 500000000},
    {"0.1", HMZ_NUMBER_OK, 100000000},
    {"1e1", HMZ_NUMBER_OK, 10000000000},
    {"+2E-1", HMZ_NUMBER_OK, 200000000},
    {"0.0000000015", HMZ_NUMBER_OK, 2}, /* half goes up */
    {"0.00000000149999999999999", HMZ_NUMBER_OK, 1},
    {"0.0000000004", HMZ_NUMBER_OK, 0},
    {"0.123456789", HMZ_NUMBER_OK, 123456789},
    {"000000000000000000000000000000000.5", HMZ_NUMBER_OK, 500000000},
    {"5e-1", HMZ_NUMBER_OK, 500000000},
    {"5000e-4", HMZ_NUMBER_OK, 500000000},
    {"0e99999999999999999999", HMZ_NUMBER_OK, 0},
    {"1e-99999999999999999999", HMZ_NUMBER_OK, 0},
    {"18446744073.709551615", HMZ_NUMBER_OK, UINT64_MAX},
    {"18446744073.709551616", HMZ_NUMBER_TOO_LARGE, 0},
    {"18446744073.7095516155", HMZ_NUMBER_TOO_LARGE, 0},
    {"1e99", HMZ_NUMBER_TOO_LARGE, 0},
    {"-1", HMZ_NUMBER_NEGATIVE, 0},
    {"-0", HMZ_NUMBER_OK, 0},
    {"", HMZ_NUMBER_BAD, 0},
    {".", HMZ_NUMBER_BAD, 0},
    {"e5", HMZ_NUMBER_BAD, 0},
    {"1e", HMZ_NUMBER_BAD, 0},
    {"1.2.3", HMZ_NUMBER_BAD, 0},
    {"nan", HMZ_NUMBER_BAD, 0},
    {".inf", HMZ_NUMBER_BAD, 0},
    {"inf", HMZ_NUMBER_BAD, 0},
    {"10GB", HMZ_NUMBER_BAD, 0},
    {"0x1p3", HMZ_NUMBER_BAD, 0},
    {"1,5", HMZ_NUMBER_BAD, 0},
};

static void check_giga(void)
{
    for (size_t i = 0; i < sizeof giga_cases / sizeof *giga_cases; i++) {
        const struct whole_case *at = &giga_cases[i];
        uint64_t value = 0;
        enum hmz_number_result result = hmz_number_parse_giga(at->text, &value);
        if (result != at->result || (result == HMZ_NUMBER_OK && value != at->value))
            fail_msg("\"%s\": result %d, value %llu", at->text, (int)result, (unsigned long long)value);
    }
}

static void decimal_sizes(void **state)
{
    (void)state;
    check_giga();
}

/* Under a locale with a decimal comma as well, where the machine has one. */
static void decimal_sizes_in_any_locale(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        if (setlocale(LC_ALL, names[i]))
            check_giga();
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(decimal_sizes),
        cmocka_unit_test(decimal_sizes_in_any_locale),
    };
    return cmocka_run_group_tests_name("strict_number", tests, NULL, NULL);
}
