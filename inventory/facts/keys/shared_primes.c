#include "inventory/facts/keys/shared_primes.h"

#include "probes/base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Levels of a tree: level 0 has the leaves, the last one only the root. */
#define LEVELS_MAX 20

struct tree {
    mpz_t *product[LEVELS_MAX];     /* level 0 is the caller's */
    size_t count[LEVELS_MAX];
    size_t levels;
};

static mpz_t *numbers_create(size_t count)
{
    mpz_t *numbers = xcalloc(count, sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        mpz_init(numbers[i]);
    return numbers;
}

static void numbers_destroy(mpz_t *numbers, size_t count)
{
    if (numbers == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        mpz_clear(numbers[i]);
    free(numbers);
}

/* Computes a level from the one below: the product of each pair; a last number without a partner is copied. */
static void level_products(mpz_t *up, mpz_t *const below, size_t count)
{
    for (size_t i = 0; 2 * i < count; i++) {
        if (2 * i + 1 < count)
            mpz_mul(up[i], below[2 * i], below[2 * i + 1]);
        else
            mpz_set(up[i], below[2 * i]);
    }
}

/* Computes only the root, level by level; each level is freed when the next one exists. */
static void product_of(mpz_t product, mpz_t *const leaves, size_t count)
{
    mpz_t *level = leaves;
    size_t left = count;
    while (left > 1) {
        size_t next_count = (left + 1) / 2;
        mpz_t *next = numbers_create(next_count);
        level_products(next, level, left);
        if (level != leaves)
            numbers_destroy(level, left);
        level = next;
        left = next_count;
    }
    mpz_set(product, level[0]);
    if (level != leaves)
        numbers_destroy(level, left);
}

static void tree_build(struct tree *tree, mpz_t *const leaves, size_t count)
{
    *tree = (struct tree){.product = {leaves}, .count = {count}, .levels = 1};
    while (tree->count[tree->levels - 1] > 1) {
        size_t below = tree->levels - 1;
        tree->count[tree->levels] = (tree->count[below] + 1) / 2;
        tree->product[tree->levels] = numbers_create(tree->count[tree->levels]);
        level_products(tree->product[tree->levels], tree->product[below], tree->count[below]);
        tree->levels++;
    }
}

static void tree_clear(struct tree *tree)
{
    for (size_t i = 1; i < tree->levels; i++)
        numbers_destroy(tree->product[i], tree->count[i]);
}

/* The root's sum of product / leaf. */
static void cofactors_of(mpz_t cofactors, const struct tree *tree)
{
    size_t count = tree->count[0];
    mpz_t *level = numbers_create(count), other;
    mpz_init(other);
    for (size_t i = 0; i < count; i++)
        mpz_set_ui(level[i], 1);
    for (size_t up = 1; up < tree->levels; up++) {
        mpz_t *const product = tree->product[up - 1];
        size_t next_count = tree->count[up];
        for (size_t i = 0; i < next_count; i++) {       /* in place: i is never above 2 * i */
            if (2 * i + 1 < tree->count[up - 1]) {
                mpz_mul(other, level[2 * i + 1], product[2 * i]);
                mpz_mul(level[2 * i], level[2 * i], product[2 * i + 1]);
                mpz_add(other, other, level[2 * i]);
                mpz_swap(level[i], other);
            } else if (i != 2 * i) {
                mpz_swap(level[i], level[2 * i]);
            }
        }
        for (size_t i = next_count; i < tree->count[up - 1]; i++)
            mpz_realloc2(level[i], 0);
    }
    mpz_swap(cofactors, level[0]);
    mpz_clear(other);
    numbers_destroy(level, count);
}

/* value modulo each leaf, down the tree; each level of products is freed after use. */
static mpz_t *remainders_of(mpz_t value, struct tree *tree)
{
    mpz_t *level = numbers_create(1);
    mpz_mod(level[0], value, tree->product[tree->levels - 1][0]);
    for (size_t down = tree->levels - 1; down-- > 0;) {
        mpz_t *next = numbers_create(tree->count[down]);
        for (size_t i = 0; i < tree->count[down]; i++) {
            mpz_mod(next[i], level[i / 2], tree->product[down][i]);
            if (i % 2 == 1 || i + 1 == tree->count[down])
                mpz_realloc2(level[i / 2], 0);
        }
        numbers_destroy(level, tree->count[down + 1]);
        numbers_destroy(tree->product[down + 1], tree->count[down + 1]);
        tree->product[down + 1] = NULL;
        level = next;
    }
    return level;
}

struct search {
    mpz_t *const moduli;
    size_t count, fresh, batches, done;
    mpz_t *products;                /* of each batch, if there are several */
    bool (*on_progress)(void *context, size_t done, size_t total);
    void *context;
};

static bool progress(struct search *search, size_t more)
{
    search->done += more;
    return search->on_progress == NULL || search->on_progress(search->context, search->done, search->fresh);
}

/* others *= product, modulo the batch's product. */
static void fold(mpz_t others, mpz_t product, const mpz_t modulus)
{
    mpz_mod(product, product, modulus);
    mpz_mul(others, others, product);
    mpz_mod(others, others, modulus);
}

/* Multiplies in the moduli from `first` to `end`, in blocks of the batch's size, so that operands have similar sizes. */
static void fold_moduli(mpz_t others, const struct search *search, size_t first, size_t end, size_t block, const mpz_t modulus)
{
    mpz_t product;
    mpz_init(product);
    for (size_t i = first; i < end; i += block) {
        product_of(product, search->moduli + i, end - i < block ? end - i : block);
        fold(others, product, modulus);
    }
    mpz_clear(product);
}

/* Multiplies in the other batches' products, which are kept; they have as many bytes as their moduli. */
static void fold_batches(mpz_t others, const struct search *search, size_t own, const mpz_t modulus)
{
    mpz_t product;
    mpz_init(product);
    for (size_t i = 0; i < search->batches; i++)
        if (i != own) {
            mpz_set(product, search->products[i]);
            fold(others, product, modulus);
        }
    mpz_clear(product);
}

static size_t batch_first(const struct search *search, size_t batch)        /* batches of equal size */
{
    return search->fresh * batch / search->batches;
}

static bool batch_find(struct search *search, size_t batch, mpz_t *shared)
{
    size_t first = batch_first(search, batch), count = batch_first(search, batch + 1) - first;
    struct tree tree;
    mpz_t others, cofactors;
    size_t block = count < 256 ? 256 : count;
    tree_build(&tree, search->moduli + first, count);
    mpz_init_set_ui(others, 1);
    mpz_init(cofactors);
    mpz_t *const root = &tree.product[tree.levels - 1][0];
    fold_batches(others, search, batch, *root);
    fold_moduli(others, search, search->fresh, search->count, block, *root);
    cofactors_of(cofactors, &tree);
    mpz_mul(cofactors, cofactors, others);
    mpz_clear(others);
    if (count == 1) {
        mpz_gcd(shared[first], search->moduli[first], cofactors);
    } else {
        mpz_t *remainders = remainders_of(cofactors, &tree);
        for (size_t i = 0; i < count; i++)
            mpz_gcd(shared[first + i], search->moduli[first + i], remainders[i]);
        numbers_destroy(remainders, count);
    }
    mpz_clear(cofactors);
    tree_clear(&tree);
    return progress(search, count);
}

bool shared_primes_find(const mpz_t *moduli, size_t count, size_t fresh, size_t batch, mpz_t *shared,
                        bool (*on_progress)(void *context, size_t done, size_t total), void *context)
{
    struct search search = {(mpz_t *)moduli, count, fresh, (fresh + batch - 1) / batch, 0, NULL, on_progress, context};
    bool ok = true;
    search.products = numbers_create(search.batches + 1);
    for (size_t i = 0; i < search.batches && search.batches > 1; i++)
        product_of(search.products[i], search.moduli + batch_first(&search, i), batch_first(&search, i + 1) - batch_first(&search, i));
    for (size_t i = 0; i < search.batches && ok; i++)
        ok = batch_find(&search, i, shared);
    numbers_destroy(search.products, search.batches + 1);
    return ok;
}

static bool divides_properly(const mpz_t factor, const mpz_t n)
{
    return mpz_cmp_ui(factor, 1) > 0 && mpz_cmp(factor, n) < 0;
}

static void pair_resolve(struct shared_modulus *moduli, size_t i, size_t j, mpz_t common)
{
    struct shared_modulus *one = &moduli[i], *other = &moduli[j];
    mpz_gcd(common, one->n, other->n);
    if (mpz_cmp_ui(common, 1) == 0)
        return;
    if (mpz_cmp(common, one->n) == 0 || mpz_cmp(common, other->n) == 0) {
        struct shared_modulus *multiple = mpz_cmp(common, one->n) == 0 ? other : one;
        multiple->is_multiple = true;
        if (mpz_sgn(multiple->factor) == 0)
            multiple->partner = multiple == one ? j : i;
        return;
    }
    if (mpz_sgn(one->factor) == 0 && divides_properly(common, one->n)) {
        mpz_set(one->factor, common);
        one->partner = j;
    }
    if (mpz_sgn(other->factor) == 0 && divides_properly(common, other->n)) {
        mpz_set(other->factor, common);
        other->partner = i;
    }
}

void shared_modulus_init(struct shared_modulus *modulus, const mpz_t n, const mpz_t shared)
{
    *modulus = (struct shared_modulus){.partner = SIZE_MAX};
    mpz_init_set(modulus->n, n);
    mpz_init_set(modulus->shared, shared);
    mpz_init(modulus->factor);
}

void shared_modulus_clear(struct shared_modulus *modulus)
{
    mpz_clears(modulus->n, modulus->shared, modulus->factor, NULL);
}

/* Primes that several have, each with the index of one that has it. */
struct found_primes {
    mpz_t *prime;
    size_t *owner;
    size_t count;
};

static void prime_found(struct found_primes *found, const mpz_t prime, size_t owner)
{
    mpz_set(found->prime[found->count], prime);
    found->owner[found->count++] = owner;
}

static int compare_shared(const void *a, const void *b)
{
    return mpz_cmp((*(struct shared_modulus *const *)a)->shared, (*(struct shared_modulus *const *)b)->shared);
}

/* Each of these shares the same number, and nothing else: a prime that two have is a fault of each. */
static void alike_resolve(struct shared_modulus *moduli, struct shared_modulus *const *alike, size_t count, struct found_primes *found)
{
    if (count < 2 || mpz_probab_prime_p(alike[0]->shared, 10) == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        mpz_set(alike[i]->factor, alike[i]->shared);
        alike[i]->partner = (size_t)(alike[(i + 1) % count] - moduli);
    }
    prime_found(found, alike[0]->shared, (size_t)(alike[0] - moduli));
}

/* Ten thousand devices of one make may share one prime, and as many faulty ones a small prime each. */
static void primes_resolve(struct shared_modulus *moduli, size_t count, struct found_primes *found)
{
    struct shared_modulus **order = xcalloc(count + 1, sizeof *order);
    size_t sorted = 0;
    for (size_t i = 0; i < count; i++)
        if (divides_properly(moduli[i].shared, moduli[i].n))
            order[sorted++] = &moduli[i];
    qsort(order, sorted, sizeof *order, compare_shared);
    for (size_t first = 0, end; first < sorted; first = end) {
        for (end = first + 1; end < sorted && compare_shared(&order[first], &order[end]) == 0;)
            end++;
        alike_resolve(moduli, order + first, end - first, found);
    }
    free(order);
}

/* A modulus divisible by a prime found already is not compared with all others. */
static bool known_prime_resolve(struct shared_modulus *modulus, const struct found_primes *found)
{
    for (size_t p = 0; p < found->count; p++)
        if (mpz_cmp(found->prime[p], modulus->n) != 0 && mpz_divisible_p(modulus->n, found->prime[p])) {
            mpz_set(modulus->factor, found->prime[p]);
            modulus->partner = found->owner[p];
            return true;
        }
    return false;
}

void shared_primes_resolve(struct shared_modulus *moduli, size_t count)
{
    mpz_t common;
    struct found_primes found = {.prime = numbers_create(count + 1), .owner = xcalloc(count + 1, sizeof *found.owner)};
    mpz_init(common);
    primes_resolve(moduli, count, &found);
    for (size_t i = 0; i < count; i++) {
        if (mpz_sgn(moduli[i].factor) != 0 || known_prime_resolve(&moduli[i], &found))
            continue;
        for (size_t j = 0; j < count; j++)
            if (j != i)
                pair_resolve(moduli, i, j, common);
        if (mpz_sgn(moduli[i].factor) != 0 && mpz_probab_prime_p(moduli[i].factor, 10) != 0)
            prime_found(&found, moduli[i].factor, i);
    }
    mpz_clear(common);
    numbers_destroy(found.prime, count + 1);
    free(found.owner);
}
