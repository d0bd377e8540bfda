/* The targets of a scan under its scope: what the user named, less the exclusions, less what the scope does
 * not allow. What is removed is counted by reason, and one refused range is kept, so that the message can say
 * what was left out and what to do about it. */
#pragma once
#include "scanner/targets/scope.h"
#include "scanner/targets/target_list.h"

struct scoped_targets {
    double named;        /* addresses x ports that the ranges name */
    double excluded;     /* of those: by -x and by the scope file's [exclude] */
    double out_of_scope; /* of those: not allowed */
    double left;         /* of those: to be asked */
    bool has_refused;
    struct target refused; /* of out_of_scope: the first that a scope file could allow, else the first */
    struct address_range refused_range; /* which it begins */
    char reasons[512]; /* of out_of_scope: "public: 3, link-local address (RFC 3927): 256" */
};

/* Excludes in the list's builder what the scope does not allow, and says how much that was. */
void scoped_targets_cut(struct target_list *list, const struct scope *scope, struct scoped_targets *cut);

/* False, and err says what to do, where ranges were named and none of them may be asked. Where only a part was
 * refused, *warning says so and what to do; "" otherwise. */
bool scoped_targets_check(const struct scoped_targets *cut, const struct scope *scope, struct error *warning,
                          struct error *err);
