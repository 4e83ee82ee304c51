/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <inttypes.h>
#include <locale.h>

#include "strict_number.h"

struct number_case {
    const char *text;
    uint64_t value; /* where fine */
    enum hmz_number_verdict verdict;
};

#define FINE      HMZ_NUMBER_FINE
#define MALFORMED 0, HMZ_NUMBER_MALFORMED
#define NEGATIVE  0, HMZ_NUMBER_NEGATIVE
#define TOO_LARGE 0, HMZ_NUMBER_TOO_LARGE

static void check(const struct number_case *wanted, enum hmz_number_verdict verdict, uint64_t value)
{
    if (verdict != wanted->verdict || (verdict == FINE && value != wanted->value))
        fail_msg("\"%s\": verdict %d, value %" PRIu64 "; expected %d, %" PRIu64, wanted->text, (int)verdict,
                 value, (int)wanted->verdict, wanted->value);
    if (verdict != FINE)
        assert_true(value == 77); /* written only when fine */
}

static const struct number_case whole_cases[] = {
    {"0", 0, FINE},
    {"55", 55, FINE},
    {"0055", 55, FINE},
    {"+7", 7, FINE},
    {"-0", 0, FINE},
    {"2147483647", INT32_MAX, FINE},
    {"2147483648", TOO_LARGE},
    {"18446744073709551616", TOO_LARGE},
    {"99999999999999999999999999999", TOO_LARGE},
    {"00000000000000000000000000000000001", 1, FINE},
    {"-1", NEGATIVE},
    {"-99999999999999999999999", NEGATIVE},
    {"", MALFORMED},
    {"+", MALFORMED},
    {"-", MALFORMED},
    {"+-1", MALFORMED},
    {"55.5", MALFORMED},
    {"55.0", MALFORMED},
    {"55.", MALFORMED},
    {"1e1", MALFORMED},
    {"55-69", MALFORMED},
    {"1_000", MALFORMED},
    {"1,000", MALFORMED},
    {"0x37", MALFORMED},
    {"0o17", MALFORMED},
    {"0b1", MALFORMED},
    {" 55", MALFORMED},
    {"55 ", MALFORMED},
    {"nan", MALFORMED},
    {"1:30", MALFORMED},
    {"\xd9\xa1", MALFORMED}, /* a digit, but an Arabic one */
};

static void whole_numbers_are_decimal_and_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole_cases / sizeof *whole_cases; i++) {
        uint64_t value = 77;
        enum hmz_number_verdict verdict =
            hmz_number_parse_integer(whole_cases[i].text, strlen(whole_cases[i].text), INT32_MAX, &value);
        check(&whole_cases[i], verdict, value);
    }
}

static const struct number_case size_cases[] = {
    {"10", 10000000000, FINE},
    {"10.0", 10000000000, FINE},
    {"10.", 10000000000, FINE},
    {"010", 10000000000, FINE},
    {"+10", 10000000000, FINE},
    {"1e1", 10000000000, FINE},
    {"1E+1", 10000000000, FINE},
    {"100e-1", 10000000000, FINE},
    {".5", 500000000, FINE},
    {"0.1", 100000000, FINE},
    {"0.3", 300000000, FINE},
    {"9.87654321", 9876543210, FINE},
    {"0.000000001", 1, FINE},
    {"1e-9", 1, FINE},
    {"0.0000000014999", 1, FINE},
    {"0.0000000015", 2, FINE},
    {"0.0000000005", 1, FINE},
    {"0.00000000049999999999999999999999999", 0, FINE},
    {"1e-10", 0, FINE},
    {"5e-10", 1, FINE},
    {"1e-11", 0, FINE},
    {"0.00000000099999999999", 1, FINE},
    {"12345.6789012345", 12345678901235, FINE},
    {"0", 0, FINE},
    {"0.0", 0, FINE},
    {"-0.0", 0, FINE},
    {"0e99999999999999999999", 0, FINE},
    {"1e-99999999999999999999", 0, FINE},
    {"18446744073.709551615", UINT64_MAX, FINE},
    {"18446744073.7095516154", UINT64_MAX, FINE},
    {"0.0000000000000000000018446744073709551615e31", UINT64_MAX, FINE},
    {"18446744073.7095516155", TOO_LARGE},
    {"18446744073.709551616", TOO_LARGE},
    {"1e99999999999999999999", TOO_LARGE},
    {"1e300", TOO_LARGE},
    {"-1", NEGATIVE},
    {"-1e-99", NEGATIVE},
    {"-1e300", NEGATIVE},
    {"", MALFORMED},
    {".", MALFORMED},
    {"+.", MALFORMED},
    {"e1", MALFORMED},
    {".e1", MALFORMED},
    {"1e", MALFORMED},
    {"1e+", MALFORMED},
    {"1e1.5", MALFORMED},
    {"1.2.3", MALFORMED},
    {"10GB", MALFORMED},
    {"10 GB", MALFORMED},
    {"1_0", MALFORMED},
    {"0x10", MALFORMED},
    {"0x1p4", MALFORMED},
    {"nan", MALFORMED},
    {".nan", MALFORMED},
    {"inf", MALFORMED},
    {".inf", MALFORMED},
    {"-.inf", MALFORMED},
    {"1,5", MALFORMED},
    {"1/2", MALFORMED},
    {" 1", MALFORMED},
    {"1 ", MALFORMED},
};

static void sizes_are_exact_to_the_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof size_cases / sizeof *size_cases; i++) {
        uint64_t value = 77;
        enum hmz_number_verdict verdict =
            hmz_number_parse_decimal(size_cases[i].text, strlen(size_cases[i].text), 9, &value);
        check(&size_cases[i], verdict, value);
    }
}

static void only_the_given_bytes_are_read(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_int_equal(hmz_number_parse_integer("5599", 2, 100, &value), FINE);
    assert_true(value == 55);
    assert_int_equal(hmz_number_parse_integer("55\0", 3, 100, &value), HMZ_NUMBER_MALFORMED);
    assert_int_equal(hmz_number_parse_decimal("1.5999", 3, 1, &value), FINE);
    assert_true(value == 15);
    assert_int_equal(hmz_number_parse_decimal("1.5\0", 4, 9, &value), HMZ_NUMBER_MALFORMED);
}

/* A million digits take no time and no stack. */
static void long_numbers_are_fine(void **state)
{
    (void)state;
    enum { LENGTH = 1000000 };
    char *text = malloc(LENGTH);
    assert_non_null(text);
    memset(text, '0', LENGTH);
    text[LENGTH - 2] = '1';
    text[LENGTH - 1] = '2';
    uint64_t value = 0;
    assert_int_equal(hmz_number_parse_integer(text, LENGTH, UINT64_MAX, &value), FINE);
    assert_true(value == 12);
    text[1] = '.';
    assert_int_equal(hmz_number_parse_decimal(text, LENGTH, 9, &value), FINE);
    assert_true(value == 0);
    memset(text, '9', LENGTH);
    assert_int_equal(hmz_number_parse_decimal(text, LENGTH, 9, &value), HMZ_NUMBER_TOO_LARGE);
    free(text);
}

int main(void)
{
    setlocale(LC_ALL, "");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_decimal_and_whole),
        cmocka_unit_test(sizes_are_exact_to_the_byte),
        cmocka_unit_test(only_the_given_bytes_are_read),
        cmocka_unit_test(long_numbers_are_fine),
    };
    return cmocka_run_group_tests_name("strict_number", tests, NULL, NULL);
}
