/* SPDX-License-Identifier: MIT */
#include "footprint.h"

#include <string.h>

#include "links.h"

/* Bytes on disk, as measured; tests/unit/test_footprint.c measures again. */
enum {
    /* Copies: groups of the old style. */
    EVENT_GROUP = 856,
    FRIB_GROUP = 848,
    GET_GROUP = 912,
    DATASET = 272,      /* header of a dataset; its entry in a node is part of that */
    DATASET_RANK = 16,  /* in its header: a dimension … */
    DATASET_RANKS = 10, /* … of which it has room for so many, … */
    DATASET_ROOM = 8,   /* … and for this; */
    TRACES_IDS = 184,   /* the attributes of get_traces */
    CONTINUED = 40,     /* lost where the header cannot grow in place, as a new node lies behind it */
    NODE = 328,         /* symbol table node of a group: eight members, … */
    NODE_MEMBERS = 8,
    NODE_SPLIT = 4, /* … and four where one was split, as members come in order */
    TREE_NODE = 544,
    TREE_NODES = 32, /* nodes that one node of the tree leads to, … */
    TREE_SPLIT = 28, /* … and where the last was split */
    HEAP = 88,       /* of names, as a group begins; part of its own bytes */
    HEAP_FREE = 16,  /* the least that a gap in it takes */
    HEAP_GROWN = 16, /* what is lost where it grows */
    /* Links: groups of the new style, which hold them in their headers. */
    LINK_GROUP = 456,
    EVENT_LINKS_ROOM = 256, /* in an event's header … */
    FRIB_LINKS_ROOM = 264,  /* … and in that of its FRIB data */
    LINK_PREFIX = 8,
    HARD_LINK = 19,        /* and the name */
    EXTERNAL_LINK = 18,    /* and the name, the file and the path */
    CONTINUATION = 24,     /* where a header leads to more of it … */
    ATTR = 96,             /* of others, by and large */
    ATTRS_LOOKED_AT = 8,   /* more than a header has room for */
    MOVED_LINK = 40,       /* … and what goes there first where no room is left for that */
    LINKS_IN_HEADER = 8,   /* of more, all go into a heap of their own, … */
    LINK_HEAP = 848,       /* … which takes this, … */
    LINK_HEAP_BLOCK = 521, /* … and this for each block … */
    LINK_HEAP_ROOM = 490,  /* … of so many bytes, in which no link is cut */
    EVENTS_A_NODE = 4,     /* in how many events one is the first of a new node of the group `events` */
};

static uint64_t round_up(uint64_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

/* ---- copies ---- */

/* The members of one group, and the heap of their names. */
struct group {
    uint64_t members;
    uint64_t heap, used;
    uint64_t lost; /* where the heap grew */
};

#define GROUP_BEGINS ((struct group){.heap = HEAP, .used = 8})

/* A heap that is full grows to twice its size, or by the name that does not fit. */
static void add_member(struct group *self, size_t name_length)
{
    uint64_t name = round_up(name_length + 1);
    uint64_t left = self->heap - self->used;
    if (name != left && name + HEAP_FREE > left) {
        self->heap += name > self->heap ? name : self->heap;
        self->lost += HEAP_GROWN;
    }
    self->used += name;
    self->members++;
}

/* Nodes for `count` members: `least` in the first, then `split` in each. */
static uint64_t nodes_for(uint64_t count, uint64_t least, uint64_t split)
{
    return count <= least ? 1 : 1 + (count - least + split - 1) / split;
}

static uint64_t members_bytes(const struct group *self)
{
    if (self->members == 0)
        return 0;
    uint64_t nodes = nodes_for(self->members, NODE_MEMBERS, NODE_SPLIT);
    uint64_t tree = nodes_for(nodes, TREE_NODES, TREE_SPLIT); /* and a root above them */
    return nodes * NODE + (tree > 1 ? tree * TREE_NODE : 0) + self->heap - HEAP + self->lost;
}

/* Was the last member the first of a node? */
static bool began_node(const struct group *self)
{
    return self->members == 1 ||
           (self->members > NODE_MEMBERS && (self->members - NODE_MEMBERS) % NODE_SPLIT == 1);
}

/* Of the last member of `parent`. */
static uint64_t dataset_bytes(const struct hmz_piece *piece, const struct group *parent)
{
    if (piece->storage == HMZ_STORAGE_OBJECT)
        return piece->carried_bytes;
    const bool traces = strcmp(piece->path, "get_traces") == 0;
    const uint64_t rank = (uint64_t)piece->rank;
    const uint64_t room = DATASET_ROOM + DATASET_RANKS * DATASET_RANK;
    const uint64_t wanted = rank * DATASET_RANK + (traces ? TRACES_IDS : 0) + piece->carried_bytes;
    if (wanted <= room)
        return DATASET;
    return DATASET + wanted - room + (began_node(parent) ? CONTINUED : 0);
}

static uint64_t copy_bytes(const struct hmz_event *event)
{
    const bool has_frib = event->flags & HMZ_EVENT_HAS_FRIB;
    const bool has_get = event->flags & HMZ_EVENT_HAS_GET;
    const bool has_get_group = event->flags & HMZ_EVENT_GET_GROUP;
    struct group top = GROUP_BEGINS;
    struct group frib = GROUP_BEGINS;
    struct group get = GROUP_BEGINS;
    uint64_t bytes = EVENT_GROUP + event->attrs_bytes;
    for (size_t i = 0; i < event->piece_count; i++) {
        const struct hmz_piece *piece = &event->pieces[i];
        const char *slash = strchr(piece->path, '/');
        struct group *parent = !slash ? &top : strncmp(piece->path, "get/", 4) == 0 ? &get : &frib;
        if (parent->members == 0 && parent != &top) /* the group is made */
            add_member(&top, parent == &get ? strlen("get") : strlen(hmz_event_frib_name(event)));
        add_member(parent, strlen(slash ? slash + 1 : piece->path));
        bytes += dataset_bytes(piece, parent);
    }
    if (!has_get) { /* without rows and ids */
        add_member(&top, strlen("get_traces"));
        bytes += DATASET;
    }
    if (has_get_group) { /* get/pads: the traces under a second name */
        if (get.members == 0)
            add_member(&top, strlen("get"));
        add_member(&get, strlen("pads"));
        bytes += GET_GROUP + event->get_attrs_bytes;
    }
    if (has_frib) {
        if (frib.members == 0)
            add_member(&top, strlen(hmz_event_frib_name(event)));
        bytes += FRIB_GROUP + event->frib_attrs_bytes;
    }
    return bytes + members_bytes(&top) + members_bytes(&frib) + members_bytes(&get);
}

/* ---- links ---- */

/* The header of a group of links. Where it is the last thing in the file it grows in place; otherwise it goes
 * on elsewhere. */
struct link_header {
    uint64_t left;  /* room for links */
    uint64_t grown; /* beyond it */
    bool in_place;
    bool continued;
};

static void put_link(struct link_header *self, uint64_t bytes)
{
    if (bytes <= self->left) {
        self->left -= bytes;
    } else if (self->in_place) {
        self->grown += bytes - self->left;
        self->left = 0;
    } else {
        if (!self->continued)
            self->grown += self->left < CONTINUATION ? MOVED_LINK : 0;
        self->continued = true;
        self->left -= self->left < CONTINUATION ? self->left : CONTINUATION;
        self->grown += bytes;
    }
}

struct link_group {
    uint64_t links;
    struct link_header header, elsewhere; /* as it grows in place, and as it cannot */
    uint64_t heap_blocks;                 /* where there are more than go into a header */
    uint64_t heap_left;
};

static struct link_group link_group(uint64_t room)
{
    return (struct link_group){.header = {.left = room, .in_place = true}, .elsewhere = {.left = room}};
}

static void add_link(struct link_group *self, uint64_t link_bytes)
{
    if (self->links++ < LINKS_IN_HEADER) {
        put_link(&self->header, LINK_PREFIX + round_up(link_bytes));
        put_link(&self->elsewhere, LINK_PREFIX + round_up(link_bytes));
    }
    if (self->heap_left < link_bytes) {
        self->heap_blocks++;
        self->heap_left = LINK_HEAP_ROOM;
    }
    self->heap_left -= link_bytes < self->heap_left ? link_bytes : self->heap_left;
}

/* They come before the links, one by one; how long each is, is not known, so this is within 50 bytes. */
static void put_attrs(struct link_group *self, uint64_t bytes)
{
    for (int i = 0; bytes > 0; i++) {
        uint64_t one = bytes < ATTR || i == ATTRS_LOOKED_AT ? bytes : ATTR;
        put_link(&self->header, one);
        put_link(&self->elsewhere, one);
        bytes -= one;
    }
}

static uint64_t heap_bytes(const struct link_group *self)
{
    return self->links <= LINKS_IN_HEADER ? 0 : LINK_HEAP + self->heap_blocks * LINK_HEAP_BLOCK;
}

/* The group of the FRIB data lies behind the event's header. Without it, a new node of `events` does. */
static uint64_t event_header_bytes(const struct link_group *event, bool has_frib_links)
{
    if (has_frib_links)
        return event->elsewhere.grown;
    return (event->elsewhere.grown + (EVENTS_A_NODE - 1) * event->header.grown) / EVENTS_A_NODE;
}

static uint64_t external_link(const struct hmz_footprint_link *to, const struct hmz_link *link,
                              const char *name)
{
    return EXTERNAL_LINK + strlen(name) + strlen(to->file) + strlen(link->target.text);
}

static uint64_t link_bytes(const struct hmz_event *event, const struct hmz_footprint_link *to)
{
    struct link_group top = link_group(EVENT_LINKS_ROOM);
    struct link_group frib = link_group(FRIB_LINKS_ROOM);
    struct hmz_link link;
    size_t at = 0;
    put_attrs(&top, event->attrs_bytes);
    put_attrs(&frib, event->frib_attrs_bytes);
    const uint64_t frib_link = HARD_LINK + strlen(hmz_event_frib_name(event));
    uint64_t bytes = LINK_GROUP;
    bool frib_in_place = true;
    if (event->flags & HMZ_EVENT_HAS_FRIB) {
        add_link(&top, frib_link);
        frib_in_place = !top.elsewhere.continued; /* what the event's header has no room for comes next */
    }
    while (hmz_links_next(to->layout, event, &at, &link)) {
        const char *slash = strchr(link.path, '/');
        add_link(slash ? &frib : &top, external_link(to, &link, slash ? slash + 1 : link.path));
    }
    if (event->flags & HMZ_EVENT_HAS_FRIB)
        bytes += LINK_GROUP + (frib_in_place ? frib.header.grown : frib.elsewhere.grown);
    if (!(event->flags & HMZ_EVENT_HAS_GET)) {
        add_link(&top, HARD_LINK + strlen("get_traces"));
        bytes += DATASET;
    }
    return bytes + event_header_bytes(&top, frib.links > 0) + heap_bytes(&top) + heap_bytes(&frib);
}

uint64_t hmz_footprint_event(const struct hmz_event *event, const struct hmz_footprint_link *link)
{
    return link ? link_bytes(event, link) : copy_bytes(event);
}

/* ---- the names of the events ---- */

/* Each name with its NUL, in multiples of eight; the heap begins with an empty one. (With less than eleven
 * events libhdf5 doubles the heap once all the same: it leaves no room of eight bytes.) */
uint64_t hmz_footprint_name_heap(uint64_t event_count)
{
    enum { PREFIX_BYTES = sizeof "event_", STEP = 8 };
    uint64_t bytes = STEP;
    uint64_t first = 0;
    for (uint64_t digits = 1, end = 10; first < event_count; digits++, end *= 10) {
        uint64_t last = event_count < end || digits > 19 ? event_count : end;
        bytes += (last - first) * ((PREFIX_BYTES + digits + STEP - 1) / STEP * STEP);
        first = last;
    }
    return bytes;
}

/* Nodes of the tree that leads to the names, by the thousand events. The names come by number and lie in
 * order of their letters, so nodes split everywhere and are half full at least. */
enum { TREE_OF_1000_NAMES = 80910 };

uint64_t hmz_footprint_names(uint64_t event_count)
{
    return hmz_footprint_name_heap(event_count) + event_count / 1000 * TREE_OF_1000_NAMES +
           event_count % 1000 * TREE_OF_1000_NAMES / 1000;
}

/* ---- the file ---- */

/* A typical event, to choose a block size by. */
enum {
    TYPICAL_METADATA_BYTES = 3400,
    BLOCKS_LEAST = 16,
    BLOCK_LEAST_BYTES = 16 << 10,
    BLOCK_MOST_BYTES = 1 << 20
};

uint64_t hmz_footprint_block_bytes(uint64_t event_count)
{
    uint64_t block = BLOCK_LEAST_BYTES;
    while (block < BLOCK_MOST_BYTES && 2 * block * BLOCKS_LEAST / TYPICAL_METADATA_BYTES <= event_count)
        block *= 2;
    return block;
}

/* The root group and the attributes of `events`; what is before the first block. */
enum { FILE_METADATA_BYTES = 8 << 10, FILE_START_BYTES = 4 << 10 };

uint64_t hmz_footprint_file_bytes(uint64_t event_count, uint64_t payload_bytes, uint64_t metadata_bytes)
{
    uint64_t block = hmz_footprint_block_bytes(event_count);
    uint64_t metadata = metadata_bytes + FILE_METADATA_BYTES;
    uint64_t blocks = (metadata + block - 1) / block;
    if (payload_bytes == 0 && blocks > 1) /* the last block, at the end of the file, is cut off where its
                                             content ends */
        return metadata;
    return FILE_START_BYTES + payload_bytes + blocks * block;
}

enum { SLACK_LEAST_BYTES = 1 << 20, SLACK_PART = 200 };

uint64_t hmz_footprint_slack_bytes(uint64_t file_bytes)
{
    uint64_t part = file_bytes / SLACK_PART;
    return part > SLACK_LEAST_BYTES ? part : SLACK_LEAST_BYTES;
}
