#include "scanner/cli/file_lines.h"

#include "inventory/bundle/bundle_reader.h"
#include "probes/base/clock.h"
#include "probes/base/json_line.h"
#include "probes/base/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct writing {
    struct json_line line;
    const char *site;
    FILE *out;
};

static const char *outcome_word(enum file_outcome outcome)
{
    static const char *const names[] = {[FILE_READ] = "read",       [FILE_UNREADABLE] = "unreadable", [FILE_ENCRYPTED] = "encrypted",
                                        [FILE_DAMAGED] = "damaged", [FILE_LIMIT] = "limit",           [FILE_CHANGED] = "changed",
                                        [FILE_EXPORT_FIRST] = "export first"};
    return names[outcome];
}

static void add_known(struct json_line *line, const char *key, int64_t value, int64_t unknown)
{
    if (value == unknown)
        json_line_null(line, key);
    else
        json_line_int(line, key, value);
}

static void add_filled(struct json_line *line, const char *key, const char *text)
{
    json_line_text(line, key, text[0] == '\0' ? NULL : text);
}

static void add_time(struct json_line *line, const char *key, int64_t time_us)
{
    char text[CLOCK_TEXT_SIZE];
    if (time_us != INT64_MIN)
        clock_format_us(time_us, text);
    json_line_text(line, key, time_us == INT64_MIN ? NULL : text);
}

static void add_marks(struct json_line *line, unsigned marks)
{
    static const char *const names[] = {"trust store", "sample", "package", "repository", "program"};
    json_line_array_begin(line, "marks");
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if ((marks & 1u << i) != 0)
            json_line_text(line, NULL, names[i]);
    json_line_array_end(line);
}

static void add_holdings(struct json_line *line, const struct bundle_file *row)
{
    static const char *const kinds[] = {"", "private key", "request", "ssh host certificate"};
    const struct file_reading *reading = &row->reading;
    json_line_array_begin(line, "certificates");
    for (size_t i = 0; i < reading->certificate_count; i++) {
        json_line_object_begin(line, NULL);
        json_line_hex(line, "sha256", row->hashes[i], 32);
        add_known(line, "offset", reading->certificates[i].offset, -1);
        if (reading->certificates[i].label[0] != '\0')
            json_line_text(line, "label", reading->certificates[i].label);
        json_line_object_end(line);
    }
    json_line_array_end(line);
    json_line_array_begin(line, "keys");
    for (size_t i = 0; i < reading->key_count; i++) {
        const struct file_key *key = &reading->keys[i];
        json_line_object_begin(line, NULL);
        json_line_text(line, "kind", kinds[key->kind]);
        if (key->spki_sha256 == NULL)
            json_line_null(line, "spki_sha256");
        else
            json_line_hex(line, "spki_sha256", key->spki_sha256, 32);
        add_filled(line, "algorithm", key->algorithm);
        add_known(line, "bits", key->bits, 0);
        json_line_bool(line, "encrypted", key->is_encrypted);
        add_known(line, "offset", key->offset, -1);
        json_line_object_end(line);
    }
    json_line_array_end(line);
    json_line_array_begin(line, "uses");
    for (size_t i = 0; i < reading->use_count; i++) {
        json_line_object_begin(line, NULL);
        json_line_text(line, "service", reading->uses[i].service);
        json_line_text(line, "directive", reading->uses[i].directive);
        json_line_text(line, "path", reading->uses[i].path);
        json_line_int(line, "line", reading->uses[i].line);
        json_line_object_end(line);
    }
    json_line_array_end(line);
}

static bool on_file(void *context, const struct bundle_file *row)
{
    struct writing *writing = context;
    struct json_line *line = &writing->line;
    const struct file_reading *reading = &row->reading;
    char mode[8];
    json_line_begin(line);
    add_time(line, "time", reading->time_us);
    json_line_text(line, "site", writing->site);
    json_line_text(line, "method", "file");
    json_line_text(line, "host", reading->host);
    json_line_text(line, "path", reading->path);
    add_filled(line, "inside", reading->inside);
    json_line_text(line, "kind", reading->kind);
    json_line_text(line, "outcome", outcome_word(reading->outcome));
    add_filled(line, "detail", reading->detail);
    add_known(line, "size", reading->size, -1);
    add_time(line, "modified", reading->modified_us);
    snprintf(mode, sizeof mode, "%04o", (unsigned)reading->mode & 07777);
    json_line_text(line, "mode", reading->mode < 0 ? NULL : mode);
    add_known(line, "uid", reading->uid, -1);
    add_known(line, "gid", reading->gid, -1);
    add_marks(line, reading->marks);
    add_holdings(line, row);
    json_line_end(line);
    return fwrite(line->text, 1, line->len, writing->out) == line->len;
}

bool file_lines_write(const char *bundle, const char *path, struct error *err)
{
    struct bundle_reader *reader = bundle_reader_open(bundle, err);
    if (reader == NULL)
        return false;
    struct writing writing = {.site = bundle_reader_head(reader)->site, .out = stdout};
    int fd = path == NULL ? -1 : output_file_stream(path, O_TRUNC, 0644, err);
    if (path != NULL)
        writing.out = fd < 0 ? NULL : fdopen(fd, "w");
    json_line_init(&writing.line);
    bool ok = writing.out != NULL && bundle_read_files(reader, 0, -1, on_file, &writing, err);
    bool failed = writing.out != NULL && (fflush(writing.out) != 0 || ferror(writing.out) != 0);
    if (writing.out != NULL && writing.out != stdout)
        failed |= fclose(writing.out) != 0;
    json_line_clear(&writing.line);
    bundle_reader_close(reader);
    return ok && (!failed || error_set(err, ERROR_IO, "%s: %s", path == NULL ? "standard output" : path, strerror(errno)));
}
