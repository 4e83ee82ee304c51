/* SPDX-License-Identifier: MIT */
#include "put.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content.h"

void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "mkrun: %s failed\n", what);
    exit(1);
}

static hid_t no_times(hid_t class_id)
{
    hid_t creation = H5Pcreate(class_id);
    must(creation >= 0 && H5Pset_obj_track_times(creation, 0) >= 0, "H5Pset_obj_track_times");
    return creation;
}

/* The mergers write with libhdf5 before 2.0, whose files are as old as can be; later ones would not by
 * default. */
hid_t put_file(const char *path)
{
    hid_t creation = no_times(H5P_FILE_CREATE);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    must(H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST) >= 0, "H5Pset_libver_bounds");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    must(file >= 0, "H5Fcreate");
    H5Pclose(access);
    H5Pclose(creation);
    return file;
}

hid_t put_group(hid_t parent, const char *name)
{
    static hid_t creation = -1;
    if (creation < 0)
        creation = no_times(H5P_GROUP_CREATE);
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, creation, H5P_DEFAULT);
    must(group >= 0, "H5Gcreate2");
    return group;
}

void put_close(hid_t id)
{
    must(H5Idec_ref(id) >= 0, "closing");
}

static hid_t dataset_creation(int rank, const hsize_t *dims)
{
    static hid_t contiguous = -1;
    static const hsize_t chunk[H5S_MAX_RANK] = {1, 1, 1, 1};
    if (contiguous < 0)
        contiguous = no_times(H5P_DATASET_CREATE);
    hid_t creation = H5Pcopy(contiguous);
    for (int i = 0; i < rank; i++)
        if (dims[i] == 0) {
            must(H5Pset_chunk(creation, rank, chunk) >= 0, "H5Pset_chunk");
            break;
        }
    return creation;
}

hid_t put_dataset_open(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *dims,
                       const void *data)
{
    hsize_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= dims[i];
    hid_t space = rank ? H5Screate_simple(rank, dims, NULL) : H5Screate(H5S_SCALAR);
    hid_t creation = dataset_creation(rank, dims);
    hid_t dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    must(dataset >= 0, "H5Dcreate2");
    if (count && data)
        must(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, "H5Dwrite");
    put_close(creation);
    put_close(space);
    return dataset;
}

void put_dataset(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *dims, const void *data)
{
    put_close(put_dataset_open(parent, name, type, rank, dims, data));
}

void put_row(hid_t parent, const char *name, hid_t type, hsize_t count, const void *data)
{
    put_dataset(parent, name, type, 1, &count, data);
}

static void put_attribute(hid_t object, const char *name, hid_t type, hid_t space, const void *value)
{
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    must(attribute >= 0 && H5Awrite(attribute, type, value) >= 0, "H5Awrite");
    put_close(attribute);
}

static hid_t scalar_space(void)
{
    static hid_t space = -1;
    if (space < 0)
        space = H5Screate(H5S_SCALAR);
    return space;
}

void put_u32(hid_t object, const char *name, uint32_t value)
{
    put_attribute(object, name, H5T_STD_U32LE, scalar_space(), &value);
}

void put_u64(hid_t object, const char *name, uint64_t value)
{
    put_attribute(object, name, H5T_STD_U64LE, scalar_space(), &value);
}

hid_t put_text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    must(H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0, "H5Tset_size");
    return type;
}

void put_text(hid_t object, const char *name, const char *text)
{
    hid_t type = put_text_type();
    put_attribute(object, name, type, scalar_space(), &text);
    put_close(type);
}

/* ---- what nobody knows ---- */

void put_extra_attributes(hid_t object)
{
    const hsize_t three = 3;
    const double numbers[3] = {1.5, -2.25, 1e300};
    const int16_t big = -12345;
    hid_t row = H5Screate_simple(1, &three, NULL);
    hid_t fixed = H5Tcopy(H5T_C_S1);
    must(H5Tset_size(fixed, 12) >= 0, "H5Tset_size");
    put_attribute(object, "zz_numbers", H5T_IEEE_F64LE, row, numbers);
    put_attribute(object, "aa_big_endian", H5T_STD_I16BE, scalar_space(), &big);
    put_attribute(object, "fixed_text", fixed, scalar_space(), "twelve bytes");
    put_text(object, "free_text", "B\xc3\xa4renfu\xc3\x9f");
    put_close(fixed);
    put_close(row);
}

struct pair {
    int32_t a;
    int32_t gap; /* no member of the compound, but its bytes are in the file */
    double b;
};

static void put_exotic(hid_t group)
{
    const hsize_t two = 2;
    const struct pair pairs[2] = {{1, 0, 0.5}, {-2, 0, 1e-9}};
    const char *const texts[2] = {"pedestal", "gain \xc2\xb5"};
    hid_t compound = H5Tcreate(H5T_COMPOUND, sizeof(struct pair));
    must(H5Tinsert(compound, "a", offsetof(struct pair, a), H5T_STD_I32LE) >= 0 &&
             H5Tinsert(compound, "b", offsetof(struct pair, b), H5T_IEEE_F64LE) >= 0,
         "H5Tinsert");
    put_row(group, "pairs", compound, two, pairs);
    hid_t type = put_text_type();
    put_row(group, "texts", type, two, texts);
    hid_t nested = put_group(group, "nested");
    put_row(nested, "values", H5T_STD_U32LE, two, (const uint32_t[]){7, 8});
    put_u32(nested, "count", 2);
    put_close(nested);
    put_close(type);
    put_close(compound);
}

void put_extra_datasets(hid_t group, bool exotic)
{
    const hsize_t table[2] = {3, 2};
    const hsize_t cube[3] = {2, 3, 4};
    const uint8_t bytes[24] = {1, 2, 3, 250, 251, 252};
    const float one = 0.1f;
    put_row(group, "2001", H5T_STD_U32LE, 4, (const uint32_t[]){1, 2, UINT32_MAX, 4});
    put_dataset(group, "calibration", H5T_IEEE_F64LE, 2, table, (const double[]){1, 2, 3, 4, 5, 6.5});
    put_row(group, "be_values", H5T_STD_I32BE, 2, (const int32_t[]){1, -2});
    put_dataset(group, "temperature", H5T_IEEE_F32LE, 0, NULL, &one);
    put_dataset(group, "map", H5T_STD_U8LE, 3, cube, bytes);
    if (exotic)
        put_exotic(group);
}

/* ---- parts of an event ---- */

static void put_module(hid_t group, const char *prefix, const char *module, hsize_t rows, hsize_t columns,
                       const uint16_t *data)
{
    char name[64];
    const hsize_t dims[2] = {rows, columns};
    snprintf(name, sizeof name, "%s%s", prefix, module);
    put_dataset(group, name, H5T_STD_U16LE, columns ? 2 : 1, dims, data);
}

void put_modules(hid_t group, const char *prefix, const struct run_spec *spec, uint64_t number)
{
    const uint16_t coincidence = spec_coincidence(spec, number);
    const uint64_t samples = number_list_has(&spec->short_1903, number) ? spec->samples / 2 : spec->samples;
    const uint64_t columns = number_list_has(&spec->narrow_1903, number) ? 7 : 8;
    if (!number_list_has(&spec->no_977, number))
        put_module(group, prefix, "977", !number_list_has(&spec->empty_977, number), 0, &coincidence);
    if (!number_list_has(&spec->no_1903, number))
        put_module(group, prefix, "1903", samples, columns,
                   content_samples(spec->seed, number, samples, columns));
    if (number_list_has(&spec->with_1904, number))
        put_module(group, prefix, "1904", spec->samples, 8,
                   content_samples(spec->seed + 4, number, spec->samples, 8));
    if (number_list_has(&spec->with_1905, number))
        put_module(group, prefix, "1905", spec->samples_1905, 8,
                   content_samples(spec->seed + 5, number, spec->samples_1905, 8));
    if (number_list_has(&spec->with_1906, number)) /* row 0 is the channel number */
        put_module(group, prefix, "1906", spec->samples + 1, 3,
                   content_samples(spec->seed + 6, number, spec->samples + 1, 3));
}

static hid_t put_elsewhere(hid_t group, const char *name, enum damage damage, const hsize_t *dims)
{
    hid_t space = H5Screate_simple(2, dims, NULL);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (damage == DAMAGE_EXTERNAL_STORAGE)
        must(H5Pset_external(creation, "elsewhere.bin", 0, H5F_UNLIMITED) >= 0, "H5Pset_external");
    else
        must(H5Pset_virtual(creation, space, "elsewhere.h5", "/data", space) >= 0, "H5Pset_virtual");
    hid_t dataset = H5Dcreate2(group, name, H5T_STD_I16LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    must(dataset >= 0, "H5Dcreate2");
    put_close(creation);
    put_close(space);
    return dataset;
}

hid_t put_traces(hid_t group, const char *name, const struct run_spec *spec, uint64_t number, uint64_t rows)
{
    hsize_t dims[2] = {rows, CONTENT_COLUMNS};
    const int16_t *traces = content_traces(spec->seed, number, rows);
    switch (number == spec->damaged_event ? spec->damage : DAMAGE_NONE) {
    case DAMAGE_COLUMNS:
        dims[1] = CONTENT_COLUMNS - 1;
        return put_dataset_open(group, name, H5T_STD_I16LE, 2, dims, traces);
    case DAMAGE_TYPE:
        dims[0] /= 2;
        return put_dataset_open(group, name, H5T_STD_I32LE, 2, dims, traces);
    case DAMAGE_UNWRITTEN:
        return put_dataset_open(group, name, H5T_STD_I16LE, 2, dims, NULL);
    case DAMAGE_SOFT_LINK:
        must(H5Lcreate_soft("/somewhere", group, name, H5P_DEFAULT, H5P_DEFAULT) >= 0, "H5Lcreate_soft");
        return -1;
    case DAMAGE_EXTERNAL_LINK:
        must(H5Lcreate_external("other.h5", "/data", group, name, H5P_DEFAULT, H5P_DEFAULT) >= 0,
             "H5Lcreate_external");
        return -1;
    case DAMAGE_EXTERNAL_STORAGE:
    case DAMAGE_VIRTUAL:
        return put_elsewhere(group, name, spec->damage, dims);
    default:
        return put_dataset_open(group, name, H5T_STD_I16LE, 2, dims, traces);
    }
}

void scaler_content(const struct run_spec *spec, uint64_t i, struct scaler_content *out)
{
    out->count = spec->scaler_values.count ? spec->scaler_values.items[i % spec->scaler_values.count] : 12;
    must(out->count <= SCALER_VALUES_MOST, "so many scaler values");
    const uint32_t header[5] = {(uint32_t)(2 * i), (uint32_t)(2 * i + 2), (uint32_t)(1722603600 + 2 * i),
                                (uint32_t)out->count, 1};
    memcpy(out->header, header, sizeof header);
    for (hsize_t k = 0; k < out->count; k++)
        out->values[k] = spec->scaler_max ? UINT32_MAX : (uint32_t)content_random(spec->seed, i, 5000 + k);
}
