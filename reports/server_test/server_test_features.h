/* The features of a server test in the order in which they are shown. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct server_test_feature {
    const char *item;               /* the posture item that answers it */
    const char *title;              /* on a terminal, within a list of words */
    const char *page_title;         /* a row's heading on the page; NULL: not on the page */
    bool is_usual;                  /* on a terminal without --verbose too */
    bool is_bad;                    /* accepted, it is a fault */
};

const struct server_test_feature *server_test_features(size_t *count);
