/* SPDX-License-Identifier: MIT */
/* The few calls and structs whose names changed between HDF5 1.10 and 1.12, under one name each. */
#ifndef HMZ_H5_COMPAT_H
#define HMZ_H5_COMPAT_H

#include <hdf5.h>
#include <stdbool.h>

#if H5_VERSION_GE(1, 12, 0)
typedef H5L_info2_t hmz_h5_link_info;
typedef H5O_info2_t hmz_h5_object_info;
typedef H5O_native_info_t hmz_h5_native_info;
#define hmz_h5_link_iterate                  H5Literate2
#define hmz_h5_link_visit                    H5Lvisit2
#define hmz_h5_link_info_get(id, name, info) H5Lget_info2((id), (name), (info), H5P_DEFAULT)
#define hmz_h5_object_info_get(id, info)     H5Oget_info3((id), (info), H5O_INFO_NUM_ATTRS)
#define hmz_h5_object_address_get(id, info)  H5Oget_info3((id), (info), H5O_INFO_BASIC)
#define hmz_h5_native_info_get(id, info)     H5Oget_native_info((id), (info), H5O_NATIVE_INFO_ALL)
#define hmz_h5_reclaim                       H5Treclaim
#else
typedef H5L_info_t hmz_h5_link_info;
typedef H5O_info_t hmz_h5_object_info;
typedef H5O_info_t hmz_h5_native_info;
#define hmz_h5_link_iterate                  H5Literate
#define hmz_h5_link_visit                    H5Lvisit
#define hmz_h5_link_info_get(id, name, info) H5Lget_info((id), (name), (info), H5P_DEFAULT)
#define hmz_h5_object_info_get(id, info)     H5Oget_info2((id), (info), H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS)
#define hmz_h5_object_address_get(id, info)  H5Oget_info2((id), (info), H5O_INFO_BASIC)
#define hmz_h5_native_info_get(id, info)     H5Oget_info2((id), (info), H5O_INFO_HDR | H5O_INFO_META_SIZE)
#define hmz_h5_reclaim                       H5Dvlen_reclaim
#endif

/* The version of an object's header, also where the object cannot be opened. */
static inline bool hmz_h5_header_version(hid_t location, const char *name, unsigned *version_out)
{
#if H5_VERSION_GE(1, 12, 0)
    H5O_native_info_t info;
    bool known = H5Oget_native_info_by_name(location, name, &info, H5O_NATIVE_INFO_HDR, H5P_DEFAULT) >= 0;
#else
    H5O_info_t info;
    bool known = H5Oget_info_by_name2(location, name, &info, H5O_INFO_HDR, H5P_DEFAULT) >= 0;
#endif
    *version_out = known ? info.hdr.version : 0;
    return known;
}

/* Are these two, from hmz_h5_object_address_get(), one object of the file that `inside` belongs to? */
static inline bool hmz_h5_same_object(hid_t inside, const hmz_h5_object_info *a, const hmz_h5_object_info *b)
{
#if H5_VERSION_GE(1, 12, 0)
    int order;
    return a->fileno == b->fileno && H5Otoken_cmp(inside, &a->token, &b->token, &order) >= 0 && order == 0;
#else
    (void)inside;
    return a->fileno == b->fileno && a->addr == b->addr;
#endif
}

/* Where the header of an object lies, from hmz_h5_object_info_get(); false where libhdf5 tells no address.
 * Those versions check headers themselves (h5_header.h). */
static inline bool hmz_h5_header_address(const hmz_h5_object_info *info, haddr_t *address_out)
{
#if H5_VERSION_GE(1, 12, 0)
    (void)info;
    (void)address_out;
    return false;
#else
    *address_out = info->addr;
    return true;
#endif
}

#endif
