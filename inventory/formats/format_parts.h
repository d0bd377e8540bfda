/* The readers behind format_read(), one for each kind; each gives what it finds to the sink of the reader, and false with an error
 * where nothing can be read. Private to this folder and its tests. */
#pragma once
#include "inventory/formats/format.h"

bool pem_file_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err);
bool der_file_read(struct format_reader *reader, const char *file, size_t line, struct byte_reader bytes, struct error *err);
bool pkcs7_read(struct format_reader *reader, const char *file, size_t line, struct byte_reader bytes, struct error *err);
bool pkcs12_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err);
bool jks_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err);
bool json_file_read(struct format_reader *reader, const char *file, struct byte_reader text, struct error *err);
bool yaml_file_read(struct format_reader *reader, const char *file, struct byte_reader text, struct error *err);
bool csv_file_read(struct format_reader *reader, const char *file, struct byte_reader text, struct error *err);
/* libarchive with every filter and format that we read, none of which runs a program. */
struct archive *format_archive_new(void);
/* What was only compressed: whatever it is, it is one file. */
struct archive *format_archive_new_raw(void);
/* Appends what gzip holds, up to the limit of `out`. False: it is none, or that was not all of it. */
bool format_gunzip(struct byte_reader bytes, struct byte_buffer *out);
bool archive_file_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err);

/* A workbook's parts, as in its archive. */
struct xlsx_part {
    char *name;
    struct byte_buffer bytes;
};
bool xlsx_read(struct format_reader *reader, const char *file, struct xlsx_part *parts, size_t count, struct error *err);
bool xlsx_wants_part(const char *name);

/* A file inside of another, or of a folder: its fault is reported if its name suggests certificates, else it counts as one of the
 * others. False only for an error that ends everything (ERROR_USAGE: a decision of the user's is needed). */
bool format_read_inner(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err);
