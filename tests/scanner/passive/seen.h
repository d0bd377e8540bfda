/* What a listener reported, as sorted lines, for tests to compare. */
#pragma once
#include "scanner/passive/handshake/handshake.h"

struct lines {
    char **text;
    size_t count;
};

void lines_add(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lines_sort(struct lines *lines);           /* and drop what is there twice */
void lines_clear(struct lines *lines);
bool lines_hold(const struct lines *lines, const char *text);     /* sorted */
/* Prints what is only in one of them; gives how many. Both sorted. */
size_t lines_diff(const char *title, const struct lines *expected, const struct lines *seen);

struct seen {
    struct lines certificates;      /* "server port role position sha256" */
    struct lines sessions;          /* "client port server port sni version cipher" */
    struct lines fingerprints;      /* "client port server port ja3 ja3s" */
    struct lines follow_ups;        /* "server port sni protocol" */
    size_t chains, without_chain;
};

void seen_clear(struct seen *seen);
void seen_sort(struct seen *seen);
handshake_function seen_on_handshake;           /* context: struct seen */
