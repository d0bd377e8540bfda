#include "scanner/pacing/certificate_budget.h"

#include "probes/base/memory.h"
#include "scanner/pacing/pacing_table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SETS 8192u /* a power of two */
#define WAYS 8u

struct host {
    uint64_t key;
    uint64_t bytes; /* 0: a free place */
};

struct certificate_budget {
    pthread_mutex_t mutex;
    atomic_uint spent; /* hosts at the limit; while it is 0, no lookup is needed */
    struct host sets[SETS][WAYS];
};

struct certificate_budget *certificate_budget_create(void)
{
    struct certificate_budget *budget = xcalloc(1, sizeof *budget);
    pthread_mutex_init(&budget->mutex, NULL);
    return budget;
}

void certificate_budget_destroy(struct certificate_budget *budget)
{
    if (budget == NULL)
        return;
    pthread_mutex_destroy(&budget->mutex);
    free(budget);
}

static struct host *set_of(struct certificate_budget *budget, uint64_t key)
{
    return budget->sets[(key * 0x9e3779b97f4a7c15ULL) >> 32 & (SETS - 1)];
}

/* NULL: not known. */
static struct host *find(struct host *set, uint64_t key)
{
    for (unsigned i = 0; i < WAYS; i++)
        if (set[i].bytes != 0 && set[i].key == key)
            return &set[i];
    return NULL;
}

/* A slot for the key: a free one, or that of the host with the fewest bytes. */
static struct host *place(struct host *set, uint64_t key)
{
    struct host *least = &set[0];
    for (unsigned i = 1; i < WAYS; i++)
        if (set[i].bytes < least->bytes)
            least = &set[i];
    *least = (struct host){.key = key};
    return least;
}

void certificate_budget_add(struct certificate_budget *budget, const struct address *address, size_t new_bytes)
{
    uint64_t key = pacing_host_key(address);
    if (new_bytes == 0)
        return;
    pthread_mutex_lock(&budget->mutex);
    struct host *set = set_of(budget, key), *host = find(set, key);
    if (host == NULL)
        host = place(set, key);
    bool was_spent = host->bytes >= HOST_BUDGET_MAX;
    host->bytes += new_bytes;
    if (!was_spent && host->bytes >= HOST_BUDGET_MAX)
        atomic_fetch_add_explicit(&budget->spent, 1, memory_order_relaxed);
    pthread_mutex_unlock(&budget->mutex);
}

bool certificate_budget_is_spent(struct certificate_budget *budget, const struct address *address)
{
    if (atomic_load_explicit(&budget->spent, memory_order_relaxed) == 0)
        return false;
    uint64_t key = pacing_host_key(address);
    pthread_mutex_lock(&budget->mutex);
    const struct host *host = find(set_of(budget, key), key);
    bool is_spent = host != NULL && host->bytes >= HOST_BUDGET_MAX;
    pthread_mutex_unlock(&budget->mutex);
    return is_spent;
}
