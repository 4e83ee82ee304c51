/* SPDX-License-Identifier: MIT */
#include "h5_element.h"

#include <stdio.h>

static enum hmz_element integer_of(hid_t type)
{
    size_t size = H5Tget_size(type);
    if (H5Tget_precision(type) != 8 * size || H5Tget_offset(type) != 0)
        return HMZ_ELEMENT_OTHER;
    int base;
    switch (size) {
    case 1:
        base = HMZ_ELEMENT_I8LE;
        break;
    case 2:
        base = HMZ_ELEMENT_I16LE;
        break;
    case 4:
        base = HMZ_ELEMENT_I32LE;
        break;
    case 8:
        base = HMZ_ELEMENT_I64LE;
        break;
    default:
        return HMZ_ELEMENT_OTHER;
    }
    if (H5Tget_sign(type) == H5T_SGN_NONE)
        base += HMZ_ELEMENT_U8LE - HMZ_ELEMENT_I8LE;
    return (enum hmz_element)(H5Tget_order(type) == H5T_ORDER_BE ? base + HMZ_ELEMENT_TWIN : base);
}

enum hmz_element hmz_element_of(hid_t type)
{
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
        return integer_of(type);
    case H5T_FLOAT:
        for (int element = HMZ_ELEMENT_F32LE; element < HMZ_ELEMENT_COUNT; element += HMZ_ELEMENT_TWIN)
            for (int wider = 0; wider <= 1; wider++)
                if (H5Tequal(type, hmz_element_type((enum hmz_element)(element + wider))) > 0)
                    return (enum hmz_element)(element + wider);
        return HMZ_ELEMENT_OTHER;
    default:
        return HMZ_ELEMENT_OTHER;
    }
}

hid_t hmz_element_type(enum hmz_element element)
{
    const hid_t types[HMZ_ELEMENT_COUNT] = {
        -1,
        H5T_STD_I8LE,
        H5T_STD_I16LE,
        H5T_STD_I32LE,
        H5T_STD_I64LE,
        H5T_STD_U8LE,
        H5T_STD_U16LE,
        H5T_STD_U32LE,
        H5T_STD_U64LE,
        H5T_IEEE_F32LE,
        H5T_IEEE_F64LE,
        H5T_STD_I8BE,
        H5T_STD_I16BE,
        H5T_STD_I32BE,
        H5T_STD_I64BE,
        H5T_STD_U8BE,
        H5T_STD_U16BE,
        H5T_STD_U32BE,
        H5T_STD_U64BE,
        H5T_IEEE_F32BE,
        H5T_IEEE_F64BE,
    };
    return types[element];
}

struct hmz_element_text hmz_element_describe(hid_t type)
{
    struct hmz_element_text out;
    size_t bits = 8 * H5Tget_size(type);
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
        snprintf(out.text, sizeof out.text, "%zu-bit %s integers", bits,
                 H5Tget_sign(type) == H5T_SGN_NONE ? "unsigned" : "signed");
        break;
    case H5T_FLOAT:
        snprintf(out.text, sizeof out.text, "%zu-bit floats", bits);
        break;
    case H5T_STRING:
        snprintf(out.text, sizeof out.text, "strings");
        break;
    default:
        snprintf(out.text, sizeof out.text, "elements of %zu bytes that are no numbers", bits / 8);
        break;
    }
    return out;
}
