/* libpq, loaded on first use (loaded_library.h): it needs some thirty libraries (LDAP, Kerberos, GnuTLS). */
#include "probes/base/loaded_library.h"

#include <libpq-fe.h>

static const struct loaded_library library = {LIBPQ_FILE, "PostgreSQL", ERROR_DATABASE};

/* clang-format off */
FORWARD(PGconn *, PQconnectdbParams, (const char *const *keywords, const char *const *values, int expand),
        (keywords, values, expand))
FORWARD(PQconninfoOption *, PQconninfoParse, (const char *text, char **message), (text, message))
FORWARD_VOID(PQconninfoFree, (PQconninfoOption *options), (options))
FORWARD(PGPing, PQping, (const char *text), (text))
FORWARD(ConnStatusType, PQstatus, (const PGconn *conn), (conn))
FORWARD(PGTransactionStatusType, PQtransactionStatus, (const PGconn *conn), (conn))
FORWARD(char *, PQerrorMessage, (const PGconn *conn), (conn))
FORWARD(int, PQserverVersion, (const PGconn *conn), (conn))
FORWARD(char *, PQhost, (const PGconn *conn), (conn))
FORWARD(char *, PQpass, (const PGconn *conn), (conn))
FORWARD(char *, PQdb, (const PGconn *conn), (conn))
FORWARD(PQnoticeReceiver, PQsetNoticeReceiver, (PGconn *conn, PQnoticeReceiver receiver, void *context),
        (conn, receiver, context))
FORWARD_VOID(PQfinish, (PGconn *conn), (conn))

FORWARD(PGresult *, PQexec, (PGconn *conn, const char *sql), (conn, sql))
FORWARD(PGresult *, PQexecParams,
        (PGconn *conn, const char *sql, int count, const Oid *types, const char *const *values, const int *lengths,
         const int *formats, int result_format),
        (conn, sql, count, types, values, lengths, formats, result_format))
FORWARD(int, PQsendQueryParams,
        (PGconn *conn, const char *sql, int count, const Oid *types, const char *const *values, const int *lengths,
         const int *formats, int result_format),
        (conn, sql, count, types, values, lengths, formats, result_format))
FORWARD(int, PQsetSingleRowMode, (PGconn *conn), (conn))
FORWARD(PGresult *, PQgetResult, (PGconn *conn), (conn))
FORWARD(PGcancel *, PQgetCancel, (PGconn *conn), (conn))
FORWARD(int, PQcancel, (PGcancel *cancel, char *message, int size), (cancel, message, size))
FORWARD_VOID(PQfreeCancel, (PGcancel *cancel), (cancel))
FORWARD(int, PQputCopyData, (PGconn *conn, const char *bytes, int len), (conn, bytes, len))
FORWARD(int, PQputCopyEnd, (PGconn *conn, const char *message), (conn, message))

FORWARD(ExecStatusType, PQresultStatus, (const PGresult *result), (result))
FORWARD(char *, PQresultErrorField, (const PGresult *result, int field), (result, field))
FORWARD(char *, PQcmdStatus, (PGresult *result), (result))
FORWARD(char *, PQcmdTuples, (PGresult *result), (result))
FORWARD(int, PQntuples, (const PGresult *result), (result))
FORWARD(int, PQnfields, (const PGresult *result), (result))
FORWARD(char *, PQfname, (const PGresult *result, int column), (result, column))
FORWARD(char *, PQgetvalue, (const PGresult *result, int row, int column), (result, row, column))
FORWARD(int, PQgetisnull, (const PGresult *result, int row, int column), (result, row, column))
FORWARD(int, PQgetlength, (const PGresult *result, int row, int column), (result, row, column))
FORWARD_VOID(PQclear, (PGresult *result), (result))
FORWARD_VOID(PQfreemem, (void *memory), (memory))
/* clang-format on */
