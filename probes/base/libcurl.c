/* libcurl, loaded on first use (loaded_library.h). */
#define CURL_DISABLE_TYPECHECK
#include "probes/base/loaded_library.h"

#include <curl/curl.h>
#include <stdarg.h>

static const struct loaded_library library = {LIBCURL_FILE, "HTTP and mail", ERROR_SYSTEM};

/* curl's header makes them macros, so that they are called with three arguments. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
    static CURLcode (*function)(CURL *, CURLoption, ...);
    CURLcode code;
    va_list args;
    if (function == NULL)
        *(void **)&function = loaded_library_find(&library, "curl_easy_setopt");
    va_start(args, option);
    switch (option / 10000 * 10000) {       /* an option's number says of which type its value is */
    case CURLOPTTYPE_LONG: code = function(curl, option, va_arg(args, long)); break;
    case CURLOPTTYPE_OFF_T: code = function(curl, option, va_arg(args, curl_off_t)); break;
    default: code = function(curl, option, va_arg(args, void *)); break;
    }
    va_end(args);
    return code;
}

CURLcode curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
    static CURLcode (*function)(CURL *, CURLINFO, ...);
    va_list args;
    if (function == NULL)
        *(void **)&function = loaded_library_find(&library, "curl_easy_getinfo");
    va_start(args, info);
    CURLcode code = function(curl, info, va_arg(args, void *));
    va_end(args);
    return code;
}

/* clang-format off */
FORWARD_VOID(curl_easy_cleanup, (CURL *curl), (curl))
FORWARD(CURL *, curl_easy_init, (void), ())
FORWARD(CURLcode, curl_easy_perform, (CURL *curl), (curl))
FORWARD(const char *, curl_easy_strerror, (CURLcode a), (a))
FORWARD_VOID(curl_free, (void *p), (p))
FORWARD(CURLcode, curl_global_init, (long flags), (flags))
FORWARD(struct curl_slist *, curl_slist_append, (struct curl_slist *list, const char *data), (list, data))
FORWARD_VOID(curl_slist_free_all, (struct curl_slist *list), (list))
FORWARD(CURLU *, curl_url, (void), ())
FORWARD_VOID(curl_url_cleanup, (CURLU *handle), (handle))
FORWARD(CURLUcode, curl_url_get, (CURLU *handle, CURLUPart what, char **part, unsigned int flags), (handle, what, part, flags))
FORWARD(CURLUcode, curl_url_set, (CURLU *handle, CURLUPart what, const char *part, unsigned int flags), (handle, what, part, flags))
/* clang-format on */
