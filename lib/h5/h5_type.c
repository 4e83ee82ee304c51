/* SPDX-License-Identifier: MIT */
#include "h5_type.h"

#include <stdbool.h>

#include "h5_element.h"
#include "h5_error.h"
#include "h5_scope.h"

/* Bits from `begin` on, within the bits of an element. */
struct field {
    const char *name;
    size_t begin, bits;
};

static int check_within(const struct field *field, size_t room, struct hmz_error *err)
{
    if (field->bits == 0)
        return hmz_fail(err, HMZ_E_DAMAGED, "the type cannot be: its %s has no bits", field->name);
    if (field->begin >= room || field->bits > room - field->begin)
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "the type cannot be: its %s is bits %zu to %zu, expected below %zu", field->name,
                        field->begin, field->begin + field->bits - 1, room);
    return HMZ_OK;
}

static bool overlap(const struct field *a, const struct field *b)
{
    return a->begin < b->begin + b->bits && b->begin < a->begin + a->bits;
}

static int check_float(hid_t type, size_t room, struct hmz_error *err)
{
    struct field fields[] = {{.name = "sign", .bits = 1}, {.name = "exponent"}, {.name = "mantissa"}};
    if (H5Tget_fields(type, &fields[0].begin, &fields[1].begin, &fields[1].bits, &fields[2].begin,
                      &fields[2].bits) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "type cannot be read");
    if (H5Tget_ebias(type) == 0) /* which is how libhdf5 says that it failed, too */
        return hmz_fail(err, HMZ_E_DAMAGED, "the type cannot be: its exponent has a bias of 0");
    for (size_t i = 0; i < 3; i++) {
        int status = check_within(&fields[i], room, err);
        if (status != HMZ_OK)
            return status;
        for (size_t k = 0; k < i; k++)
            if (overlap(&fields[k], &fields[i]))
                return hmz_fail(err, HMZ_E_DAMAGED, "the type cannot be: its %s and %s share bits",
                                fields[k].name, fields[i].name);
    }
    return HMZ_OK;
}

static int check_number(hid_t type, H5T_class_t kind, struct hmz_error *err)
{
    size_t room = 8 * H5Tget_size(type);
    int begin = H5Tget_offset(type);
    struct field field = {.name = "number", .begin = (size_t)begin, .bits = H5Tget_precision(type)};
    if (begin < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "type cannot be read");
    int status = kind == H5T_FLOAT ? check_float(type, room, err) : check_within(&field, room, err);
    if (status == HMZ_OK && room > 8 && field.bits < room && room > 2 * (field.begin + field.bits))
        status = hmz_fail(err, HMZ_E_DAMAGED, "the type cannot be: numbers of %zu bits in %zu bytes each",
                          field.bits, room / 8);
    return status;
}

static int check_parent(hid_t type, struct hmz_error *err)
{
    HMZ_H5_SCOPED parent = H5Tget_super(type);
    if (parent < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "type cannot be read");
    return hmz_h5_type_check(parent, err);
}

/* Types nest as deep as the file says; libhdf5 itself walks them in the same way when it opens them. */
static int check_members(hid_t type, struct hmz_error *err) // NOLINT(misc-no-recursion)
{
    int count = H5Tget_nmembers(type);
    int status = HMZ_OK;
    for (int i = 0; status == HMZ_OK && i < count; i++) {
        HMZ_H5_SCOPED member = H5Tget_member_type(type, (unsigned)i);
        status = member < 0 ? hmz_fail_h5(err, HMZ_E_DAMAGED, "type cannot be read")
                            : hmz_h5_type_check(member, err);
    }
    return status;
}

int hmz_h5_type_check(hid_t type, struct hmz_error *err)
{
    if (hmz_element_of(type) != HMZ_ELEMENT_OTHER)
        return HMZ_OK;
    H5T_class_t kind = H5Tget_class(type);
    switch (kind) {
    case H5T_INTEGER:
    case H5T_FLOAT:
    case H5T_BITFIELD:
        return check_number(type, kind, err);
    case H5T_ENUM:
    case H5T_ARRAY:
    case H5T_VLEN:
        return check_parent(type, err);
    case H5T_STRING: /* of variable length: of characters */
        return H5Tis_variable_str(type) > 0 ? check_parent(type, err) : HMZ_OK;
    case H5T_COMPOUND:
        return check_members(type, err);
    default:
        return HMZ_OK;
    }
}
