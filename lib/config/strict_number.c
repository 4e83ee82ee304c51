/* SPDX-License-Identifier: MIT */
#include "strict_number.h"

#include <stdbool.h>

struct scan {
    const char *at;
    const char *end;
};

/* What a decimal number is made of; nothing is computed yet. */
struct decimal {
    const char *digits; /* whole digits, perhaps a point, fraction digits */
    size_t whole_count;
    size_t count;     /* digits in all */
    int64_t exponent; /* of ten; held within EXPONENT_LIMIT */
    bool negative;
};

/* Larger than any count of digits in memory, small enough that sums of a few stay far from overflow. */
#define EXPONENT_LIMIT INT64_C(1000000000000000)

/* Not isdigit(): that asks the locale. */
static bool at_digit(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

static bool take(struct scan *scan, char wanted)
{
    if (scan->at == scan->end || *scan->at != wanted)
        return false;
    scan->at++;
    return true;
}

static bool take_sign(struct scan *scan)
{
    bool negative = take(scan, '-');
    if (!negative)
        take(scan, '+');
    return negative;
}

static size_t take_digits(struct scan *scan)
{
    const char *start = scan->at;
    while (at_digit(scan))
        scan->at++;
    return (size_t)(scan->at - start);
}

static bool append_digit(uint64_t *value, unsigned digit)
{
    return !__builtin_mul_overflow(*value, 10u, value) && !__builtin_add_overflow(*value, digit, value);
}

enum hmz_number_verdict hmz_number_parse_integer(const char *text, size_t length, uint64_t limit,
                                                 uint64_t *value_out)
{
    struct scan scan = {.at = text, .end = text + length};
    bool negative = take_sign(&scan);
    const char *digits = scan.at;
    if (take_digits(&scan) == 0 || scan.at != scan.end)
        return HMZ_NUMBER_MALFORMED;
    uint64_t value = 0;
    bool fits = true;
    for (; fits && digits < scan.end; digits++)
        fits = append_digit(&value, (unsigned)(*digits - '0'));
    if (negative && (!fits || value > 0))
        return HMZ_NUMBER_NEGATIVE;
    if (!fits || value > limit)
        return HMZ_NUMBER_TOO_LARGE;
    *value_out = value;
    return HMZ_NUMBER_FINE;
}

static bool take_exponent(struct scan *scan, int64_t *exponent_out)
{
    bool negative = take_sign(scan);
    if (!at_digit(scan))
        return false;
    int64_t exponent = 0;
    for (; at_digit(scan); scan->at++) {
        if (exponent < EXPONENT_LIMIT)
            exponent = exponent * 10 + (*scan->at - '0');
    }
    *exponent_out = negative ? -exponent : exponent;
    return true;
}

static bool split_decimal(struct scan scan, struct decimal *out)
{
    *out = (struct decimal){.negative = take_sign(&scan)};
    out->digits = scan.at;
    out->whole_count = take_digits(&scan);
    out->count = out->whole_count;
    if (take(&scan, '.'))
        out->count += take_digits(&scan);
    if (out->count == 0)
        return false;
    if ((take(&scan, 'e') || take(&scan, 'E')) && !take_exponent(&scan, &out->exponent))
        return false;
    return scan.at == scan.end;
}

/* Digit `i` counted from the left, the point left out; zeros follow the last one. */
static unsigned digit_at(const struct decimal *number, size_t i)
{
    if (i >= number->count)
        return 0;
    return (unsigned)(number->digits[i < number->whole_count ? i : i + 1] - '0');
}

static bool is_zero(const struct decimal *number)
{
    for (size_t i = 0; i < number->count; i++) {
        if (digit_at(number, i) != 0)
            return false;
    }
    return true;
}

/* The first `kept` digits as a number, rounded by the digit after them. */
static enum hmz_number_verdict round_digits(const struct decimal *number, size_t kept, uint64_t *value_out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < kept; i++) {
        if (!append_digit(&value, digit_at(number, i)))
            return HMZ_NUMBER_TOO_LARGE;
    }
    if (digit_at(number, kept) >= 5 && __builtin_add_overflow(value, 1u, &value))
        return HMZ_NUMBER_TOO_LARGE;
    *value_out = value;
    return HMZ_NUMBER_FINE;
}

enum hmz_number_verdict hmz_number_parse_decimal(const char *text, size_t length, int shift,
                                                 uint64_t *value_out)
{
    struct decimal number;
    if (!split_decimal((struct scan){.at = text, .end = text + length}, &number))
        return HMZ_NUMBER_MALFORMED;
    int64_t kept = (int64_t)number.whole_count + number.exponent + shift;
    if (is_zero(&number) || kept < 0) { /* a negative count of digits: below a tenth */
        if (number.negative && !is_zero(&number))
            return HMZ_NUMBER_NEGATIVE;
        *value_out = 0;
        return HMZ_NUMBER_FINE;
    }
    if (number.negative)
        return HMZ_NUMBER_NEGATIVE;
    return round_digits(&number, (size_t)kept, value_out);
}
