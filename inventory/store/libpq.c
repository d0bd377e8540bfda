/* Loads libpq on first use of a database, not when the program starts: it needs some thirty libraries (LDAP, Kerberos,
 * GnuTLS), and loading them would take a command or a worker without a database longer than all others
 * together. Each function has libpq's own name and forwards the call, so that db.c looks as usual; a new function of
 * libpq needs a line here. */
#include "probes/base/error.h"
#include "probes/base/log.h"

#include <dlfcn.h>
#include <libpq-fe.h>
#include <stdlib.h>

/* Without the library no command can use a database. */
static void *find(const char *name)
{
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    void *function = library == NULL ? NULL : dlsym(library, name);
    if (function == NULL) {
        struct error err;
        error_set(&err, ERROR_DATABASE, "PostgreSQL's client library cannot be loaded: %s", dlerror());
        log_error("%s", err.text);
        exit(error_exit_code(&err));
    }
    return function;
}

/* The address is a constant, found once; to find it twice at once does no harm. */
#define HAND_ON(type, name, parameters, arguments)                                                           \
    type name parameters                                                                                     \
    {                                                                                                        \
        static type(*function) parameters;                                                                   \
        if (function == NULL)                                                                                \
            *(void **)&function = find(#name);                                                               \
        return function arguments;                                                                           \
    }
#define HAND_ON_VOID(name, parameters, arguments)                                                            \
    void name parameters                                                                                     \
    {                                                                                                        \
        static void(*function) parameters;                                                                   \
        if (function == NULL)                                                                                \
            *(void **)&function = find(#name);                                                               \
        function arguments;                                                                                  \
    }

/* clang-format off */
HAND_ON(PGconn *, PQconnectdbParams, (const char *const *keywords, const char *const *values, int expand),
        (keywords, values, expand))
HAND_ON(PQconninfoOption *, PQconninfoParse, (const char *text, char **message), (text, message))
HAND_ON_VOID(PQconninfoFree, (PQconninfoOption *options), (options))
HAND_ON(PGPing, PQping, (const char *text), (text))
HAND_ON(ConnStatusType, PQstatus, (const PGconn *conn), (conn))
HAND_ON(PGTransactionStatusType, PQtransactionStatus, (const PGconn *conn), (conn))
HAND_ON(char *, PQerrorMessage, (const PGconn *conn), (conn))
HAND_ON(int, PQserverVersion, (const PGconn *conn), (conn))
HAND_ON(char *, PQhost, (const PGconn *conn), (conn))
HAND_ON(char *, PQpass, (const PGconn *conn), (conn))
HAND_ON(char *, PQdb, (const PGconn *conn), (conn))
HAND_ON(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn *conn, PQnoticeReceiver receiver, void *context),
        (conn, receiver, context))
HAND_ON_VOID(PQfinish, (PGconn *conn), (conn))

HAND_ON(PGresult *, PQexec, (PGconn *conn, const char *sql), (conn, sql))
HAND_ON(PGresult *, PQexecParams,
        (PGconn *conn, const char *sql, int count, const Oid *types, const char *const *values, const int *lengths,
         const int *formats, int result_format),
        (conn, sql, count, types, values, lengths, formats, result_format))
HAND_ON(int, PQsendQueryParams,
        (PGconn *conn, const char *sql, int count, const Oid *types, const char *const *values, const int *lengths,
         const int *formats, int result_format),
        (conn, sql, count, types, values, lengths, formats, result_format))
HAND_ON(int, PQsetSingleRowMode, (PGconn *conn), (conn))
HAND_ON(PGresult *, PQgetResult, (PGconn *conn), (conn))
HAND_ON(PGcancel *, PQgetCancel, (PGconn *conn), (conn))
HAND_ON(int, PQcancel, (PGcancel *cancel, char *message, int size), (cancel, message, size))
HAND_ON_VOID(PQfreeCancel, (PGcancel *cancel), (cancel))
HAND_ON(int, PQputCopyData, (PGconn *conn, const char *bytes, int len), (conn, bytes, len))
HAND_ON(int, PQputCopyEnd, (PGconn *conn, const char *message), (conn, message))

HAND_ON(ExecStatusType, PQresultStatus, (const PGresult *result), (result))
HAND_ON(char *, PQresultErrorField, (const PGresult *result, int field), (result, field))
HAND_ON(char *, PQcmdStatus, (PGresult *result), (result))
HAND_ON(int, PQntuples, (const PGresult *result), (result))
HAND_ON(int, PQnfields, (const PGresult *result), (result))
HAND_ON(char *, PQfname, (const PGresult *result, int column), (result, column))
HAND_ON(char *, PQgetvalue, (const PGresult *result, int row, int column), (result, row, column))
HAND_ON(int, PQgetisnull, (const PGresult *result, int row, int column), (result, row, column))
HAND_ON(int, PQgetlength, (const PGresult *result, int row, int column), (result, row, column))
HAND_ON_VOID(PQclear, (PGresult *result), (result))
HAND_ON_VOID(PQfreemem, (void *memory), (memory))
/* clang-format on */
