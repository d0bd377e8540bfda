/* The names of a scan, read line by line from the bundle's target lines: one task each, which ends when all its
 * endpoints (addresses x ports) have ended. Lines that an earlier run has finished are skipped; the others are kept
 * in an unlinked file, so that a million names need no memory. */
#pragma once
#include "inventory/bundle/bundle.h"
#include "probes/base/target_space.h"
#include "scanner/targets/target_text.h"

struct name_task {
    struct name_task *prev, *next;  /* the dispatcher's */
    uint64_t line;
    struct target_text spec;        /* name, fixed address, own ports */
    struct address *addresses;      /* owned */
    size_t address_count;
    const struct port_set *ports;   /* its own, or all names' */
    uint64_t total, given, ended;   /* endpoints */
    enum outcome outcome;           /* the best so far; 0: none */
    char detail[DETAIL_SIZE];
    int64_t asked_us;               /* monotonic: when it was asked of DNS */
    uint32_t dns_us;
};

struct name_list;

/* ports: of names that have none of their own ("" where there is no name). */
struct name_list *name_list_create(struct bundle_writer *writer, const char *ports, struct error *err);
void name_list_destroy(struct name_list *list);             /* NULL is fine */
uint64_t name_list_total(const struct name_list *list);     /* lines in all */
uint64_t name_list_left(const struct name_list *list);      /* not finished by earlier runs */

/* The next one; NULL after the last. Yours: name_task_destroy(). */
struct name_task *name_list_next(struct name_list *list);
void name_task_destroy(struct name_task *task);

/* addresses are copied; count 0: it did not resolve. */
void name_task_resolved(struct name_task *task, const struct address *addresses, size_t count);
void name_task_target(const struct name_task *task, uint64_t index, struct target *target);
