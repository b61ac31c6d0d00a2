/* SPDX-License-Identifier: Apache-2.0 */
#include "store/secret.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "platform/pages.h"
#include "store/pages.h"
#include "store/thread.h"

/*
 * The memory of secrets. Small blocks come from chunks that are cut into pieces of one size; a
 * block larger than the largest piece has a mapping of its own. Both are locked and undumpable.
 *
 * A forked child sees these mappings zeroed (MADV_WIPEONFORK), control data included: its pools are
 * empty and unlocked, and the parent's blocks have a zero `magic`, so dropping a reference to one
 * does nothing. That is why the pools are in a mapping, too, and not in .bss. Where the system does
 * not do so, pool and blocks name the process that they belong to, and a child begins a new pool.
 */

#define CHUNK_SIZE ((size_t)32 * 1024)
#define SHARD_BITS 3
#define SHARDS                                                                                     \
    (1 << SHARD_BITS) /* shards of the pool, so that threads seldom wait for each other */
#define CLASSES 6
#define SMALLEST                                                                                   \
    ((size_t)128) /* a piece of class c is SMALLEST << c bytes, block header included */
#define LARGE 0xff
#define SPARE_MAX ((size_t)16 * 1024 * 1024)
#define LONGEST (SIZE_MAX / 8) /* what is longer is refused before any memory is mapped */
#define MAGIC 0x5ec2e7b1u

struct store_secret_block {
    _Atomic uint32_t magic; /* that of magic() while in use by this process */
    _Atomic uint32_t references;
    uint32_t class_and_shard; /* class << 8 | shard; LARGE << 8: a mapping of its own */
    uint32_t unused;
    size_t capacity; /* size of `bytes` */
    size_t used;     /* the part of it that slices may refer to */
    _Alignas(16) unsigned char bytes[];
};

struct piece {
    struct piece *next;
};

/* The header of a chunk. */
struct chunk {
    struct chunk *next;
    size_t free_pieces;
    size_t pieces;
};

struct shard {
    /* a child that sees the pool zeroed does not initialize it */
    _Alignas(64) pthread_mutex_t lock;
    struct piece *free[CLASSES];
    struct chunk *chunks[CLASSES];
    /* A wiped large block for reuse: otherwise each change of a document would map, lock and
     * unmap memory, and unmapping stops every other thread for a moment. */
    _Atomic(struct store_secret_block *) spare;
};

/* In a mapping of its own. */
struct pool {
    pid_t owner; /* 0 if a forked child sees the pool zeroed */
    struct shard shards[SHARDS];
};

static _Atomic(struct pool *) pool;
static atomic_bool seen_by_children; /* true if a forked child sees the secrets of its parent */

void store_wipe(void *data, size_t len)
{
    if (len > 0)
        explicit_bzero(data, len);
}

/* Maps zeroed pages for secrets; NULL if there is no memory. */
static void *map_pages(size_t size)
{
    void *pages = store_pages_map(size);

    if (pages == NULL)
        return NULL;
    /* Best effort: a host with a small `ulimit -l` must still work. */
    platform_pages_lock(pages, size);
    platform_pages_hide(pages, size);
    if (!store_pages_wipe_on_fork(pages, size))
        atomic_store_explicit(&seen_by_children, true, memory_order_relaxed);
    return pages;
}

/* The mark of a block that this process uses. */
static uint32_t magic(void)
{
    return atomic_load_explicit(&seen_by_children, memory_order_relaxed)
               ? MAGIC ^ (uint32_t)getpid()
               : MAGIC;
}

/* True if `any` is a pool, and not that of a parent. */
static bool pool_is_mine(const struct pool *any)
{
    return any != NULL && (any->owner == 0 || any->owner == getpid());
}

static struct shard *pool_get(void)
{
    struct pool *old = atomic_load_explicit(&pool, memory_order_acquire);
    struct pool *fresh;
    size_t size;

    if (pool_is_mine(old))
        return old->shards;
    size = store_pages_round(sizeof *fresh);
    fresh = map_pages(size);
    if (fresh == NULL)
        return NULL;
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_init(&fresh->shards[i].lock, NULL);
    if (atomic_load_explicit(&seen_by_children, memory_order_relaxed))
        fresh->owner = getpid();
    if (!atomic_compare_exchange_strong(&pool, &old, fresh)) {
        store_pages_unmap(fresh, size);
        return old->shards;
    }
    return fresh->shards;
}

/* The class of pieces for `size` bytes including the header; CLASSES if none is large enough. */
static unsigned class_for(size_t size)
{
    unsigned class = 0;

    while (class < CLASSES && (SMALLEST << class) < size)
        class ++;
    return class;
}

/* Adds a chunk's pieces to the free list. The shard is locked. */
static void add_chunk(struct shard *shard, unsigned class)
{
    size_t size = SMALLEST << class;
    unsigned char *start = map_pages(CHUNK_SIZE);
    struct chunk *chunk = (struct chunk *)(void *)start;

    if (start == NULL)
        return;
    /* The first piece holds the chunk's header. */
    for (size_t at = size; at + size <= CHUNK_SIZE; at += size) {
        struct piece *piece = (struct piece *)(void *)(start + at);
        piece->next = shard->free[class];
        shard->free[class] = piece;
        chunk->pieces++;
    }
    chunk->next = shard->chunks[class];
    shard->chunks[class] = chunk;
}

static struct store_secret_block *small_new(unsigned class)
{
    struct shard *shards = pool_get();
    unsigned index = store_thread_part(SHARD_BITS);
    struct store_secret_block *block;
    struct piece *piece;

    if (shards == NULL)
        return NULL;
    pthread_mutex_lock(&shards[index].lock);
    if (shards[index].free[class] == NULL)
        add_chunk(&shards[index], class);
    piece = shards[index].free[class];
    if (piece != NULL)
        shards[index].free[class] = piece->next;
    pthread_mutex_unlock(&shards[index].lock);
    if (piece == NULL)
        return NULL;
    piece->next = NULL;
    block = (struct store_secret_block *)(void *)piece;
    block->capacity = (SMALLEST << class) - sizeof *block;
    block->class_and_shard = class << 8 | index;
    return block;
}

static void large_unmap(struct store_secret_block *block)
{
    if (block != NULL)
        store_pages_unmap(block, block->capacity + sizeof *block);
}

/* Gives a block in a mapping of its own: the spare one unless it is too small, or far too large. */
static struct store_secret_block *large_new(size_t len)
{
    size_t size = store_pages_round(len + sizeof(struct store_secret_block));
    struct shard *shards = pool_get();
    struct store_secret_block *block = NULL;

    if (shards != NULL)
        block = atomic_exchange(&shards[store_thread_part(SHARD_BITS)].spare, NULL);
    if (block != NULL && (block->capacity < len || block->capacity / 2 > size)) {
        large_unmap(block);
        block = NULL;
    }
    if (block == NULL) {
        block = map_pages(size);
        if (block != NULL)
            block->capacity = size - sizeof *block;
    }
    if (block != NULL)
        block->class_and_shard = (uint32_t)LARGE << 8;
    return block;
}

/* Wipes before it unmaps: the pages may be swapped out or copied by a fork. */
static void large_free(struct store_secret_block *block)
{
    struct shard *shards = pool_get();
    size_t capacity = block->capacity;

    store_wipe(block, sizeof *block + block->used);
    block->capacity = capacity;
    if (shards != NULL && capacity <= SPARE_MAX)
        block = atomic_exchange(&shards[store_thread_part(SHARD_BITS)].spare, block);
    large_unmap(block);
}

/* Gives a block with room for at least `len` bytes, all zero, with one reference. */
static struct store_secret_block *block_new(size_t len)
{
    struct store_secret_block *block;
    unsigned class;

    if (len > LONGEST)
        return NULL;
    class = class_for(len + sizeof *block);
    if (class < CLASSES) {
        block = small_new(class);
    } else {
        block = large_new(len);
    }
    if (block == NULL)
        return NULL;
    block->used = 0;
    atomic_store_explicit(&block->references, 1, memory_order_relaxed);
    atomic_store_explicit(&block->magic, magic(), memory_order_relaxed);
    return block;
}

static void block_free(struct store_secret_block *block)
{
    unsigned class = block->class_and_shard >> 8;
    unsigned index = block->class_and_shard & 0xff;
    struct piece *piece = (struct piece *)(void *)block;
    struct shard *shards;

    if (class == LARGE) { /* also without a pool, which a trim may have unmapped */
        large_free(block);
        return;
    }
    shards = atomic_load_explicit(&pool, memory_order_acquire)->shards;
    store_wipe(block, sizeof *block + block->used);
    pthread_mutex_lock(&shards[index].lock);
    piece->next = shards[index].free[class];
    shards[index].free[class] = piece;
    pthread_mutex_unlock(&shards[index].lock);
}

static void block_drop(struct store_secret_block *block)
{
    if (block == NULL || atomic_load_explicit(&block->magic, memory_order_relaxed) != magic())
        return; /* the parent's block in a forked child */
    if (atomic_fetch_sub_explicit(&block->references, 1, memory_order_acq_rel) == 1)
        block_free(block);
}

/* True if `s` is writable: it has the only reference to its block, which is not a parent's. */
static bool owned(const struct store_secret *s)
{
    return s->block != NULL &&
           atomic_load_explicit(&s->block->magic, memory_order_relaxed) == magic() &&
           atomic_load_explicit(&s->block->references, memory_order_acquire) == 1;
}

/* Moves the first `keep` bytes of `s` into a new block of `capacity`, followed by `len` bytes at
 * `data`; these may lie in the old block. */
static enum store_err move_to_new(struct store_secret *s, size_t keep, size_t capacity,
                                  const void *data, size_t len)
{
    struct store_secret_block *block = block_new(capacity);

    if (block == NULL)
        return STORE_NO_MEMORY;
    if (keep > 0)
        memcpy(block->bytes, s->data, keep);
    if (len > 0)
        memcpy(block->bytes + keep, data, len);
    block->used = keep + len;
    block_drop(s->block);
    *s = (struct store_secret){block->bytes, keep + len, block};
    return STORE_OK;
}

enum store_err store_secret_set(struct store_secret *s, const void *data, size_t len)
{
    struct store_secret fresh = {0};

    TRY(store_secret_append(&fresh, data, len));
    store_secret_move(s, &fresh);
    return STORE_OK;
}

enum store_err store_secret_append(struct store_secret *s, const void *data, size_t len)
{
    size_t needed = s->len + len;
    size_t start;

    if (len == 0)
        return STORE_OK;
    if (needed < len || needed > LONGEST)
        return STORE_NO_MEMORY;
    start = s->block == NULL ? 0 : (size_t)(s->data - s->block->bytes);
    if (!owned(s) || needed > s->block->capacity - start)
        return move_to_new(s, s->len, s->block == NULL ? needed : needed + needed / 2, data, len);
    memcpy(s->block->bytes + start + s->len, data, len);
    s->len = needed;
    if (s->block->used < start + needed)
        s->block->used = start + needed;
    return STORE_OK;
}

enum store_err store_secret_resize(struct store_secret *s, size_t len, unsigned char **bytes)
{
    size_t keep = s->len < len ? s->len : len;
    size_t end;
    size_t start;

    if (len == 0) {
        store_secret_wipe(s);
        *bytes = NULL;
        return STORE_OK;
    }
    if (!owned(s) || len > s->block->capacity - (size_t)(s->data - s->block->bytes))
        TRY(move_to_new(s, keep, len, NULL, 0));
    start = (size_t)(s->data - s->block->bytes);
    end = start + len;
    if (s->len > len)
        store_wipe(s->block->bytes + end, s->len - len);
    else if (s->block->used > start + s->len) /* beyond the used part all bytes are zero */
        memset(s->block->bytes + start + s->len, 0, len - s->len);
    s->len = len;
    if (s->block->used < end)
        s->block->used = end;
    *bytes = s->block->bytes + start;
    return STORE_OK;
}

void store_secret_slice(struct store_secret *out, const struct store_secret *from, size_t offset,
                        size_t len)
{
    struct store_secret slice = {0};

    if (len > 0) {
        slice = (struct store_secret){from->data + offset, len, from->block};
        atomic_fetch_add_explicit(&from->block->references, 1, memory_order_relaxed);
    }
    store_secret_move(out, &slice);
}

void store_secret_share(struct store_secret *out, const struct store_secret *from)
{
    store_secret_slice(out, from, 0, from->len);
}

void store_secret_move(struct store_secret *out, struct store_secret *from)
{
    struct store_secret moved = *from;

    *from = (struct store_secret){0};
    block_drop(out->block);
    *out = moved;
}

void store_secret_wipe(struct store_secret *s)
{
    block_drop(s->block);
    *s = (struct store_secret){0};
}

bool store_secret_equal(const struct store_secret *s, const void *data, size_t len)
{
    const unsigned char *other = data;
    unsigned char differ = 0;

    if (s->len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        differ |= s->data[i] ^ other[i];
    return differ == 0;
}

/* The chunk of `chunks` that contains `piece`. */
static struct chunk *chunk_of(struct chunk *chunks, const struct piece *piece)
{
    for (; chunks != NULL; chunks = chunks->next)
        if ((uintptr_t)piece - (uintptr_t)chunks < CHUNK_SIZE)
            return chunks;
    return NULL;
}

/* Unmaps the chunks of one class whose pieces are all free. The shard is locked. */
static void trim_class(struct shard *shard, unsigned class)
{
    struct piece **piece = &shard->free[class];
    struct chunk **chunk = &shard->chunks[class];

    for (struct chunk *c = *chunk; c != NULL; c = c->next)
        c->free_pieces = 0;
    for (struct piece *p = *piece; p != NULL; p = p->next)
        chunk_of(*chunk, p)->free_pieces++;
    while (*piece != NULL) {
        struct chunk *c = chunk_of(*chunk, *piece);
        if (c->free_pieces == c->pieces)
            *piece = (*piece)->next;
        else
            piece = &(*piece)->next;
    }
    while (*chunk != NULL) {
        struct chunk *c = *chunk;
        if (c->free_pieces == c->pieces) {
            *chunk = c->next;
            store_pages_unmap(c, CHUNK_SIZE);
        } else {
            chunk = &c->next;
        }
    }
}

void store_secret_trim(void)
{
    struct pool *all = atomic_load_explicit(&pool, memory_order_acquire);
    bool empty = true;

    if (!pool_is_mine(all))
        return;
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *shard = &all->shards[i];
        large_unmap(atomic_exchange(&shard->spare, NULL));
        pthread_mutex_lock(&shard->lock);
        for (unsigned class = 0; class < CLASSES; class ++) {
            trim_class(shard, class);
            empty = empty && shard->chunks[class] == NULL;
        }
        pthread_mutex_unlock(&shard->lock);
    }
    if (empty) {
        atomic_store_explicit(&pool, NULL, memory_order_release);
        store_pages_unmap(all, store_pages_round(sizeof *all));
    }
}
