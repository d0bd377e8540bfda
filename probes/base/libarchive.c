#include "probes/base/libarchive.h"

#include "probes/base/loaded_library.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdarg.h>
#include <stdio.h>

static const struct loaded_library library = {LIBARCHIVE_FILE, "archives", ERROR_SYSTEM};

void libarchive_load(void)
{
    loaded_library_load(&library);
}

void archive_set_error(struct archive *archive, int number, const char *format, ...)
{
    static void (*function)(struct archive *, int, const char *, ...);
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (function == NULL)
        *(void **)&function = loaded_library_find(&library, "archive_set_error");
    function(archive, number, "%s", text);
}

/* clang-format off */
FORWARD(mode_t, archive_entry_filetype, (struct archive_entry *a), (a))
FORWARD(la_int64_t, archive_entry_gid, (struct archive_entry *a), (a))
FORWARD(const char *, archive_entry_hardlink, (struct archive_entry *a), (a))
FORWARD(time_t, archive_entry_mtime, (struct archive_entry *a), (a))
FORWARD(int, archive_entry_mtime_is_set, (struct archive_entry *a), (a))
FORWARD(const char *, archive_entry_pathname, (struct archive_entry *a), (a))
FORWARD(const char *, archive_entry_pathname_utf8, (struct archive_entry *a), (a))
FORWARD(mode_t, archive_entry_perm, (struct archive_entry *a), (a))
FORWARD(la_int64_t, archive_entry_size, (struct archive_entry *a), (a))
FORWARD(int, archive_entry_size_is_set, (struct archive_entry *a), (a))
FORWARD(la_int64_t, archive_entry_uid, (struct archive_entry *a), (a))
FORWARD(const char *, archive_error_string, (struct archive *a), (a))
FORWARD(int, archive_filter_count, (struct archive *a), (a))
FORWARD(int, archive_format, (struct archive *a), (a))
FORWARD(la_ssize_t, archive_read_data, (struct archive *a, void *b, size_t c), (a, b, c))
FORWARD(int, archive_read_free, (struct archive *a), (a))
FORWARD(int, archive_read_has_encrypted_entries, (struct archive *a), (a))
FORWARD(struct archive *, archive_read_new, (void), ())
FORWARD(int, archive_read_next_header, (struct archive *a, struct archive_entry **b), (a, b))
FORWARD(int, archive_read_open, (struct archive *a, void *context, archive_open_callback *c, archive_read_callback *d, archive_close_callback *e), (a, context, c, d, e))
FORWARD(int, archive_read_open_fd, (struct archive *a, int fd, size_t block_size), (a, fd, block_size))
FORWARD(int, archive_read_open_memory, (struct archive *a, const void *buff, size_t size), (a, buff, size))
FORWARD(int, archive_read_support_filter_bzip2, (struct archive *a), (a))
FORWARD(int, archive_read_support_filter_compress, (struct archive *a), (a))
FORWARD(int, archive_read_support_filter_gzip, (struct archive *a), (a))
FORWARD(int, archive_read_support_filter_lz4, (struct archive *a), (a))
FORWARD(int, archive_read_support_filter_lzma, (struct archive *a), (a))
FORWARD(int, archive_read_support_filter_rpm, (struct archive *a), (a))
FORWARD(int, archive_read_support_filter_xz, (struct archive *a), (a))
FORWARD(int, archive_read_support_filter_zstd, (struct archive *a), (a))
FORWARD(int, archive_read_support_format_7zip, (struct archive *a), (a))
FORWARD(int, archive_read_support_format_ar, (struct archive *a), (a))
FORWARD(int, archive_read_support_format_cpio, (struct archive *a), (a))
FORWARD(int, archive_read_support_format_empty, (struct archive *a), (a))
FORWARD(int, archive_read_support_format_iso9660, (struct archive *a), (a))
FORWARD(int, archive_read_support_format_raw, (struct archive *a), (a))
FORWARD(int, archive_read_support_format_tar, (struct archive *a), (a))
FORWARD(int, archive_read_support_format_zip, (struct archive *a), (a))
/* clang-format on */
