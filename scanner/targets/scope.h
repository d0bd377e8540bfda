/* What may be asked. One function decides, and everything that opens a socket or builds a frame calls it right
 * before: for targets of the space, addresses that names resolve to, targets of a proxied CONNECT.
 *
 *     1. what an IPv6 address stands for is judged as the IPv4 inside: NAT64 (64:ff9b::/96, 64:ff9b:1::/48),
 *        6to4, Teredo; an IPv4-mapped one is IPv4 as soon as it is made (address.h)
 *     2. unspecified, multicast, broadcast, link-local and reserved addresses: never, whatever a file says
 *     3. exclusions, of the command line and of the scope file: always win
 *     4. with a scope file: only what it lists, at its depth, from its first to its last day. Without one:
 *        only loopback, private (RFC 1918, ULA), shared (RFC 6598) and benchmark addresses. Documentation addresses are
 *        usually a copied example, and need a scope file like public ones
 *
 * A scope file (inih):
 *
 *     [scope]
 *     authorised-by = Jane Doe, CISO
 *     reference = ticket 4711
 *     from = 2026-01-01
 *     until = 2026-06-30              ; the last day itself is inside
 *     depth = posture                 ; cert, posture (when absent), suites, deep: the deepest
 *
 *     [allow]
 *     range = 203.0.113.0/24          ; every port
 *     range = 198.51.100.0/25:443,8443
 *     name = *.x.ca.gov               ; the addresses that such names resolve to, on port 443
 *     name = mail.x.ca.gov:@mail
 *
 *     [exclude]
 *     range = 203.0.113.7
 *     name = pay.x.ca.gov
 *
 * A scope never changes once it is made; any thread may ask it. */
#pragma once
#include "probes/base/outcome.h"
#include "probes/base/ports.h"
#include "probes/base/target_space.h"
#include "probes/tls/strategy.h"

enum scope_verdict { SCOPE_ALLOWED, SCOPE_EXCLUDED, SCOPE_OUT_OF_SCOPE };

struct scope_question {
    const struct target *target;
    const char *server_name; /* under which the target was found or named; "" or NULL: none */
    enum tls_depth depth;
    int64_t time_us; /* UTC */
};

struct scope;

/* file_text NULL: no scope file; label names it in errors. exclusions: specs, one a line ("" none), as
 * target_list_exclusions() gives them. NULL with ERROR_USAGE. */
struct scope *scope_create(const char *file_text, const char *label, const char *exclusions,
                           struct error *err);
void scope_destroy(struct scope *scope); /* NULL is fine */

/* *reason (may be NULL) says why not: a constant text that fits an observation's detail. */
enum scope_verdict scope_judge(const struct scope *scope, const struct scope_question *question,
                               const char **reason);
enum outcome scope_outcome(enum scope_verdict verdict); /* excluded or out_of_scope; 0 where allowed */

/* Excludes from the builder every address and port that scope_judge() will certainly refuse, so that the space holds
 * only what can be asked. (Addresses that carry an IPv4 address at no fixed place are left to scope_judge().) */
void scope_cut(const struct scope *scope, struct target_space_builder *builder);

/* Can the scope be used now and this deep? False with ERROR_USAGE that says who or what is missing. */
bool scope_check(const struct scope *scope, enum tls_depth depth, int64_t time_us, struct error *err);

/* What a user should do to get the range allowed, or why it never is: "203.0.113.7: public address, asked only with a scope
 * file ...". target is its first address, with a port. */
void scope_advise(const struct scope *scope, const struct target *target, const struct address_range *range,
                  struct error *err);

/* For people: scope show, the head of a report. */
struct scope_facts {
    bool has_file;
    const char *authorised_by, *reference; /* "" where the file says nothing */
    int64_t from_us, until_us;             /* until is the end of the last day; INT64_MIN, INT64_MAX: open */
    enum tls_depth depth;
    size_t range_count, name_count, excluded_name_count;
};
void scope_get(const struct scope *scope, struct scope_facts *facts);
const struct target_space *scope_allowed(const struct scope *scope); /* unbounded; what the file lists */
const struct target_space *scope_excluded(const struct scope *scope);
const char *scope_name(const struct scope *scope, size_t number); /* number < name_count */
const struct port_set *scope_name_ports(const struct scope *scope, size_t number);
const char *scope_excluded_name(const struct scope *scope, size_t number);

/* Reads a whole file for scope_create(). Yours: free(). NULL with ERROR_USAGE. */
char *scope_read_file(const char *path, struct error *err);
