/* SPDX-License-Identifier: MIT */
#include "strict_number.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

enum hmz_number_result hmz_number_parse_u64(const char *text, uint64_t *value_out)
{
    bool negative = *text == '-';
    bool overflow = false;
    uint64_t value = 0;
    if (*text == '-' || *text == '+')
        text++;
    if (!is_digit(*text))
        return HMZ_NUMBER_BAD;
    for (; is_digit(*text); text++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
            overflow = true;
    if (*text)
        return HMZ_NUMBER_BAD;
    if (negative && (value > 0 || overflow))
        return HMZ_NUMBER_NEGATIVE;
    if (overflow)
        return HMZ_NUMBER_TOO_LARGE;
    *value_out = value;
    return HMZ_NUMBER_OK;
}

/* The digits of a decimal number and where its point is. */
struct decimal {
    const char *digits; /* with the point among them */
    size_t length;
    int64_t exponent; /* of the last digit */
    bool negative;
};

enum { EXPONENT_LAST = 10000 };

static const char *scan_digits(const char *at, struct decimal *out)
{
    bool point = false;
    size_t count = 0;
    out->digits = at;
    for (; is_digit(*at) || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        count++;
        if (point)
            out->exponent--;
    }
    out->length = (size_t)(at - out->digits);
    return count > 0 ? at : NULL;
}

static const char *scan_exponent(const char *at, struct decimal *out)
{
    int64_t exponent = 0;
    if (*at != 'e' && *at != 'E')
        return at;
    bool negative = *++at == '-';
    if (*at == '-' || *at == '+')
        at++;
    if (!is_digit(*at))
        return NULL;
    for (; is_digit(*at); at++)
        if (exponent < EXPONENT_LAST)
            exponent = 10 * exponent + (*at - '0');
    out->exponent += negative ? -exponent : exponent;
    return at;
}

static bool scan(const char *text, struct decimal *out)
{
    *out = (struct decimal){.negative = *text == '-'};
    if (*text == '-' || *text == '+')
        text++;
    const char *at = scan_digits(text, out);
    if (at)
        at = scan_exponent(at, out);
    return at && *at == '\0';
}

/* Places from the left: the digit at place p counts 10^(p); below 10^0 only the first decides the rounding.
 */
static enum hmz_number_result evaluate(const struct decimal *number, int64_t shift, uint64_t *value_out)
{
    int64_t place = number->exponent + shift - 1;
    for (size_t i = 0; i < number->length; i++)
        place += number->digits[i] != '.';
    uint64_t value = 0;
    bool round_up = false;
    bool zero = true;
    for (size_t i = 0; i < number->length; i++) {
        if (number->digits[i] == '.')
            continue;
        uint64_t digit = (uint64_t)(number->digits[i] - '0');
        zero = zero && digit == 0;
        if (place >= 0 &&
            (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value)))
            return HMZ_NUMBER_TOO_LARGE;
        if (place == -1)
            round_up = digit >= 5;
        place--;
    }
    for (; place >= 0 && !zero; place--)
        if (__builtin_mul_overflow(value, 10, &value))
            return HMZ_NUMBER_TOO_LARGE;
    if (number->negative && !zero)
        return HMZ_NUMBER_NEGATIVE;
    if (__builtin_add_overflow(value, (uint64_t)round_up, value_out))
        return HMZ_NUMBER_TOO_LARGE;
    return HMZ_NUMBER_OK;
}

enum hmz_number_result hmz_number_parse_giga(const char *text, uint64_t *value_out)
{
    struct decimal number;
    if (!scan(text, &number))
        return HMZ_NUMBER_BAD;
    return evaluate(&number, 9, value_out);
}
