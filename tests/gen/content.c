/* SPDX-License-Identifier: MIT */
#include "content.h"

#include <stdlib.h>
#include <string.h>

#include "put.h"

enum { NOISE_VALUES = 1 << 16, PEDESTAL = 300, PADS = 10240 };

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint64_t content_random(uint64_t seed, uint64_t number, uint64_t purpose)
{
    return mix(seed ^ mix(number ^ mix(purpose)));
}

static const int16_t *noise(void)
{
    static int16_t block[NOISE_VALUES + CONTENT_COLUMNS];
    if (block[0] == 0)
        for (uint64_t i = 0; i < sizeof block / sizeof *block; i++)
            block[i] = (int16_t)(PEDESTAL + mix(i) % 16);
    return block;
}

static void *room_for(void **memory, size_t *room, size_t bytes)
{
    if (bytes > *room) {
        *memory = realloc(*memory, bytes);
        *room = bytes;
        must(*memory != NULL, "memory");
    }
    return *memory;
}

/* Columns 0 to 4: cobo, asad, aget, channel, pad; then 512 time buckets with one pulse. */
static void fill_trace(int16_t *row, uint64_t random)
{
    memcpy(row, noise() + random % NOISE_VALUES, CONTENT_COLUMNS * sizeof *row);
    row[0] = (int16_t)(random % 10);
    row[1] = (int16_t)(random >> 8 & 3);
    row[2] = (int16_t)(random >> 12 & 3);
    row[3] = (int16_t)((random >> 16) % 68);
    row[4] = (int16_t)((random >> 24) % PADS);
    size_t peak = 5 + 30 + (random >> 40) % 420;
    int height = 200 + (int)(random >> 50 & 1023);
    for (size_t i = 0; i < 12; i++)
        row[peak + i] = (int16_t)(row[peak + i] + height * (int)(12 - i) / 12);
}

const int16_t *content_traces(uint64_t seed, uint64_t number, uint64_t rows)
{
    static void *memory;
    static size_t room;
    int16_t *traces = room_for(&memory, &room, (rows + 1) * CONTENT_COLUMNS * sizeof *traces);
    for (uint64_t i = 0; i < rows; i++)
        fill_trace(traces + i * CONTENT_COLUMNS, content_random(seed, number, 1000 + i));
    return traces;
}

const uint16_t *content_samples(uint64_t seed, uint64_t number, uint64_t rows, uint64_t columns)
{
    static void *memory;
    static size_t room;
    uint16_t *samples = room_for(&memory, &room, (rows * columns + 1) * sizeof *samples);
    uint64_t from = content_random(seed, number, 2);
    for (uint64_t i = 0; i < rows * columns; i++)
        samples[i] = (uint16_t)noise()[(from + i) % NOISE_VALUES];
    return samples;
}
