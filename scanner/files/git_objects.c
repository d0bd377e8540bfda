#include "scanner/files/git_objects.h"

#include "probes/base/memory.h"
#include "scanner/files/git_ids.h"
#include "scanner/files/path_text.h"
#include "scanner/files/scanner_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASKED_MAX  400u             /* requests without a reply: they fit into a pipe, so asking never waits */
#define COMMIT_MAX (16u << 20)
#define PARENTS_MAX 64u             /* of a commit, for the order alone */

struct commit {
    struct git_id id, tree;
    int64_t time;                   /* seconds since 1970 */
    size_t parents;                 /* the first of them in history.parents */
    unsigned parent_count;
    bool is_taken;                  /* it has a place among those of its second, or waits for its parents */
};

struct history {
    struct file_scanner *scanner;
    const struct file_status *status;
    FILE *replies;
    int requests;
    size_t id_len;                  /* characters */
    struct commit *commits;
    size_t commit_count, commit_room;
    struct git_id *parents;         /* of all commits */
    size_t parent_count, parent_room;
    struct git_id *blobs;           /* all of the list */
    size_t blob_count, blob_room;
    struct git_id_set seen;
    const struct commit *commit;    /* that is being read; NULL: of no commit */
    char commit_hex[2 * GIT_ID_MAX + 1];
    char *path;                     /* of the current entry in the commit */
    size_t path_len, path_room;
    unsigned samples;               /* folders of samples that the path is in */
    uint64_t missing;
    bool met_limit;                 /* a path too long, or too deep */
    bool is_broken;                 /* git ended, or answered what it should not */
    bool ok;                        /* of the bundle */
};

static bool goes_on(const struct history *history)
{
    return history->ok && !history->is_broken && !scanner_is_stopped(history->scanner);
}

/* ---- the list ---- */

static void add_commit(struct history *history, const struct git_id *id)
{
    if (history->commit_count == history->commit_room) {
        history->commit_room = 2 * history->commit_room + 1024;
        history->commits = xreallocarray(history->commits, history->commit_room, sizeof *history->commits);
    }
    history->commits[history->commit_count++] = (struct commit){.id = *id};
}

static void add_blob(struct history *history, const struct git_id *id)
{
    if (history->blob_count == history->blob_room) {
        history->blob_room = 2 * history->blob_room + 4096;
        history->blobs = xreallocarray(history->blobs, history->blob_room, sizeof *history->blobs);
    }
    history->blobs[history->blob_count++] = *id;
}

/* "ID TYPE". False: more objects than we hold. */
static bool read_list(struct history *history, int fd)
{
    FILE *list = fdopen(fd, "r");
    char line[128];
    while (list != NULL && goes_on(history) && fgets(line, sizeof line, list) != NULL) {
        struct git_id id;
        size_t len = strcspn(line, " ");
        if (!git_id_parse(line, len, &id))
            continue;
        history->id_len = len;
        if (strncmp(line + len, " commit", 7) == 0)
            add_commit(history, &id);
        else if (strncmp(line + len, " blob", 5) == 0)
            add_blob(history, &id);
        if (history->commit_count + history->blob_count > GIT_OBJECTS_MAX)
            break;
    }
    if (list != NULL)
        fclose(list);
    return history->commit_count + history->blob_count <= GIT_OBJECTS_MAX;
}

/* ---- one object ---- */

static void ask(struct history *history, const struct git_id *id)
{
    char line[2 * GIT_ID_MAX + 2];
    git_id_format(id, history->id_len, line);
    line[history->id_len] = '\n';
    if (write(history->requests, line, history->id_len + 1) != (ssize_t)history->id_len + 1)
        history->is_broken = true;
}

/* "ID TYPE SIZE" or "ID missing". False: there is no content to read. */
static bool read_head(struct history *history, const char *type, uint64_t *size)
{
    char line[256], got[32];
    unsigned long long number;
    if (history->is_broken || fgets(line, sizeof line, history->replies) == NULL) {
        history->is_broken = true;
        return false;
    }
    if (strstr(line, " missing") != NULL) {
        history->missing++;
        return false;
    }
    if (sscanf(line, "%*64s %31s %llu", got, &number) != 2) {
        history->is_broken = true;
        return false;
    }
    *size = number;
    return strcmp(got, type) == 0;
}

/* What is left of a content, and the line end behind it. */
static void skip_rest(struct history *history, uint64_t left)
{
    char bytes[8192];
    for (left++; left > 0 && !history->is_broken;) {
        size_t got = fread(bytes, 1, left < sizeof bytes ? (size_t)left : sizeof bytes, history->replies);
        history->is_broken = got == 0;
        left -= got;
    }
}

/* The whole content, with a NUL behind it; yours. NULL: missing, or larger than the limit. */
static uint8_t *read_whole(struct history *history, const char *type, size_t most, size_t *len)
{
    uint64_t size = 0;
    bool is_right = read_head(history, type, &size);
    if (!is_right || size > most) {
        if (size > 0)
            skip_rest(history, size);
        return NULL;
    }
    uint8_t *bytes = xmalloc((size_t)size + 1);
    *len = (size_t)size;
    if (fread(bytes, 1, *len, history->replies) != *len)
        history->is_broken = true;
    skip_rest(history, 0);
    bytes[*len] = '\0';
    return bytes;
}

/* ---- blobs ---- */

struct blob {
    struct history *history;
    uint64_t left;
};

static ssize_t read_blob(void *context, void *bytes, size_t room, const char **why)
{
    struct blob *blob = context;
    size_t wanted = blob->left < room ? (size_t)blob->left : room;
    size_t got = wanted == 0 ? 0 : fread(bytes, 1, wanted, blob->history->replies);
    if (got < wanted) {
        blob->history->is_broken = true;
        *why = "git ended while it gave this";
        return -1;
    }
    blob->left -= got;
    return (ssize_t)got;
}

/* The reply to ask(): a file, looked into like one of the tree. */
static void take_blob(struct history *history, const char *name, int mode)
{
    uint64_t size = 0;
    if (!read_head(history, "blob", &size)) {
        if (size > 0)
            skip_rest(history, size);
        return;
    }
    struct blob blob = {history, size};
    struct source source = {.read = read_blob, .context = &blob, .fd = -1, .size = size};
    struct file_status status = *history->status;
    char *text = path_text(history->path, history->path_len), *last = path_text(name, strlen(name));
    char *inside = history->commit == NULL ? xstrdup(name) : xasprintf("%s:%s%s", history->commit_hex, text, last);
    status.mode = mode;
    status.size = size > INT64_MAX ? -1 : (int64_t)size;
    status.modified_us = history->commit == NULL ? INT64_MIN : history->commit->time * 1000000;
    status.marks |= history->samples > 0 ? FILE_MARK_SAMPLE : 0;
    const struct place place = {.status = &status, .inside = inside};
    history->scanner->counts.entries++;
    if (strlen(inside) < FILE_PATH_MAX)
        history->ok = scanner_look_at_one(history->scanner, &place, &source, size);
    else
        history->met_limit = true;
    skip_rest(history, blob.left);
    free(inside);
    free(last);
    free(text);
}

/* ---- trees ---- */

struct tree_entry {
    const char *name;               /* NUL at its end */
    struct git_id id;
    unsigned mode;
};

/* "MODE NAME" NUL id. */
static bool next_entry(const struct history *history, const uint8_t **at, const uint8_t *end, struct tree_entry *entry)
{
    char *mode_end;
    const uint8_t *nul = *at < end ? memchr(*at, '\0', (size_t)(end - *at)) : NULL;
    size_t id_len = history->id_len / 2;
    if (nul == NULL || (size_t)(end - nul) < 1 + id_len)
        return false;
    entry->mode = (unsigned)strtoul((const char *)*at, &mode_end, 8);
    if (*mode_end != ' ')
        return false;
    entry->name = mode_end + 1;
    entry->id = (struct git_id){{0}};
    memcpy(entry->id.bytes, nul + 1, id_len);
    *at = nul + 1 + id_len;
    return true;
}

static bool is_wanted(const struct history *history, const char *name)
{
    const struct file_scanner_options *options = &history->scanner->options;
    char *path = xasprintf("%.*s%s", (int)history->path_len, history->path, name);
    bool wanted = (options->include.count == 0 || path_globs_match(&options->include, path, name)) && !path_globs_match(&options->exclude, path, name);
    free(path);
    return wanted;
}

/* The blobs of one folder that no earlier commit had: asked for together, since each answer alone would cost two
 * switches between processes. */
static void read_blobs(struct history *history, const uint8_t *tree, const uint8_t *end)
{
    struct tree_entry asked[ASKED_MAX], entry;
    const uint8_t *at = tree;
    bool more = true;
    while (more && goes_on(history)) {
        unsigned count = 0;
        while (count < ASKED_MAX && (more = next_entry(history, &at, end, &entry)))
            if ((entry.mode & 0170000) == 0100000 && is_wanted(history, entry.name) && git_id_set_add(&history->seen, &entry.id)) {
                ask(history, &entry.id);
                asked[count++] = entry;
            }
        for (unsigned i = 0; i < count && goes_on(history); i++)
            take_blob(history, asked[i].name, (int)(asked[i].mode & 0777));
    }
}

static size_t path_enter(struct history *history, const char *name)
{
    size_t before = history->path_len, len = strlen(name);
    if (before + len + 2 > history->path_room) {
        history->path_room = 2 * (before + len + 2);
        history->path = xrealloc(history->path, history->path_room);
    }
    memcpy(history->path + before, name, len);
    memcpy(history->path + before + len, "/", 2);
    history->path_len = before + len + 1;
    return before;
}

static void read_tree(struct history *history, const struct git_id *id, int depth)
{
    size_t len;
    struct tree_entry entry;
    history->met_limit |= depth >= GIT_DEPTH_MAX;
    if (depth >= GIT_DEPTH_MAX || !goes_on(history) || !git_id_set_add(&history->seen, id))
        return;
    ask(history, id);
    uint8_t *tree = read_whole(history, "tree", GIT_TREE_MAX, &len);
    if (tree == NULL)
        return;
    read_blobs(history, tree, tree + len);
    for (const uint8_t *at = tree; goes_on(history) && next_entry(history, &at, tree + len, &entry);) {
        if ((entry.mode & 0170000) != 0040000 || path_globs_match(&history->scanner->options.exclude, entry.name, entry.name))
            continue;
        size_t before = path_enter(history, entry.name);
        unsigned sample = path_is_sample_folder(entry.name);
        history->samples += sample;
        read_tree(history, &entry.id, depth + 1);
        history->samples -= sample;
        history->path_len = before;
    }
    free(tree);
}

/* ---- commits ---- */

static void add_parent(struct history *history, struct commit *commit, const struct git_id *id)
{
    if (history->parent_count == history->parent_room) {
        history->parent_room = 2 * history->parent_room + 1024;
        history->parents = xreallocarray(history->parents, history->parent_room, sizeof *history->parents);
    }
    history->parents[history->parent_count++] = *id;
    commit->parent_count++;
}

/* Lines "parent ID" follow the line of the tree. */
static void read_parents(struct history *history, struct commit *commit, const char *line)
{
    struct git_id id;
    commit->parents = history->parent_count;
    for (; commit->parent_count < PARENTS_MAX && strncmp(line, "\nparent ", 8) == 0 && strlen(line) > 8 + history->id_len &&
           git_id_parse(line + 8, history->id_len, &id); line += 8 + history->id_len)
        add_parent(history, commit, &id);
}

/* "tree ID" is the first line; the committer's line ends with seconds and a zone. */
static void read_commit(struct history *history, struct commit *commit)
{
    size_t len;
    char *text = (char *)read_whole(history, "commit", COMMIT_MAX, &len);
    if (text == NULL || strncmp(text, "tree ", 5) != 0 || len < 5 + history->id_len || !git_id_parse(text + 5, history->id_len, &commit->tree)) {
        free(text);
        return;
    }
    const char *line = strstr(text, "\ncommitter "), *zone = line == NULL ? NULL : strchr(line + 1, '>');
    commit->time = zone == NULL ? 0 : strtoll(zone + 1, NULL, 10);
    if (commit->time < 0 || commit->time > INT64_MAX / 1000000)
        commit->time = 0;
    read_parents(history, commit, text + 5 + history->id_len);
    free(text);
}

/* A repository may be empty; git that cannot be run or read it looks like one. */
static void check_giver(struct history *history)
{
    static const struct git_id none;
    uint64_t size;
    history->id_len = history->id_len == 0 ? 40 : history->id_len;
    ask(history, &none);
    history->is_broken |= read_head(history, "", &size) || history->missing != 1;
    history->missing = 0;
}

static void read_commits(struct history *history)
{
    for (size_t from = 0; from < history->commit_count && goes_on(history); from += ASKED_MAX) {
        size_t end = from + ASKED_MAX < history->commit_count ? from + ASKED_MAX : history->commit_count;
        for (size_t i = from; i < end; i++)
            ask(history, &history->commits[i].id);
        for (size_t i = from; i < end && !history->is_broken; i++)
            read_commit(history, &history->commits[i]);
    }
}

static int compare_commits(const void *a, const void *b)
{
    const struct commit *x = a, *y = b;
    return x->time != y->time ? (x->time > y->time) - (x->time < y->time) : memcmp(&x->id, &y->id, sizeof x->id);
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(&((const struct commit *)a)->id, &((const struct commit *)b)->id, sizeof(struct git_id));
}

/* A parent among these commits that was not yet taken; NULL: none. An index that lies may make a ring of them. */
static struct commit *waits_for(const struct history *history, const struct commit *commit, struct commit *from, size_t count)
{
    for (unsigned i = 0; i < commit->parent_count; i++) {
        const struct commit wanted = {.id = history->parents[commit->parents + i]};
        struct commit *parent = bsearch(&wanted, from, count, sizeof *from, compare_ids);
        if (parent != NULL && !parent->is_taken)
            return parent;
    }
    return NULL;
}

/* Commits of one second, sorted by id: a parent before its children. Without recursion: a machine makes thousands in a second. */
static void order_second(const struct history *history, struct commit *from, size_t count)
{
    struct commit *ordered = xreallocarray(NULL, count, sizeof *ordered);
    struct commit **path = xreallocarray(NULL, count, sizeof(struct commit *));
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        size_t depth = 0;
        for (struct commit *next = from[i].is_taken ? NULL : &from[i]; next != NULL || depth > 0;) {
            if (next != NULL) {
                next->is_taken = true;
                path[depth++] = next;
            } else {
                ordered[done++] = *path[--depth];
            }
            next = depth == 0 ? NULL : waits_for(history, path[depth - 1], from, count);
        }
    }
    memcpy(from, ordered, count * sizeof *from);
    free(path);
    free(ordered);
}

/* The oldest first. */
static void order_commits(struct history *history)
{
    if (history->commit_count > 1)
        qsort(history->commits, history->commit_count, sizeof *history->commits, compare_commits);
    for (size_t from = 0, end; from < history->commit_count; from = end) {
        for (end = from + 1; end < history->commit_count && history->commits[end].time == history->commits[from].time;)
            end++;
        if (end - from > 1)
            order_second(history, &history->commits[from], end - from);
    }
}

static void read_trees(struct history *history)
{
    static const struct git_id none;
    order_commits(history);
    for (size_t i = 0; i < history->commit_count && goes_on(history); i++) {
        history->commit = &history->commits[i];
        git_id_format(&history->commit->id, history->id_len, history->commit_hex);
        history->path_len = 0;
        if (memcmp(&history->commit->tree, &none, sizeof none) != 0)
            read_tree(history, &history->commit->tree, 0);
    }
}

/* Staged and never committed, or of commits that are gone; with patterns nobody knows whether they are wanted. */
static void read_unreachable(struct history *history)
{
    char name[2 * GIT_ID_MAX + 1];
    history->commit = NULL;
    history->path_len = 0;
    if (history->scanner->options.include.count + history->scanner->options.exclude.count > 0)
        return;
    for (size_t i = 0; i < history->blob_count && goes_on(history); i++) {
        if (!git_id_set_add(&history->seen, &history->blobs[i]))
            continue;
        ask(history, &history->blobs[i]);
        git_id_format(&history->blobs[i], history->id_len, name);
        take_blob(history, name, -1);
    }
}

static bool tell_end(const struct history *history, bool has_all, struct error *err)
{
    char detail[160];
    if (history->is_broken)
        return file_scanner_tell(history->scanner, history->status, FILE_DAMAGED, "git could not read all of this repository; try git fsck", err);
    if (!has_all)
        return file_scanner_tell(history->scanner, history->status, FILE_LIMIT, "limit: a repository of more than 20,000,000 objects; not read", err);
    if (history->met_limit && !file_scanner_tell(history->scanner, history->status, FILE_LIMIT,
                                                 "limit: folders more than 256 deep in a commit, or paths of more than 65,535 bytes; these are not read", err))
        return false;
    if (history->missing == 0)
        return true;
    snprintf(detail, sizeof detail, "%llu objects of this repository are not here (a partial clone, or objects borrowed from another repository)",
             (unsigned long long)history->missing);
    return file_scanner_tell(history->scanner, history->status, FILE_DAMAGED, detail, err);
}

bool git_objects_read(struct file_scanner *scanner, const struct file_status *status, const int pipes[GIT_PIPES], struct error *err)
{
    struct history history = {.scanner = scanner, .status = status, .requests = pipes[GIT_REQUESTS], .replies = fdopen(pipes[GIT_REPLIES], "r"),
                              .path = xstrdup(""), .path_room = 1, .ok = true};
    scanner->err = err;
    bool has_all = read_list(&history, pipes[GIT_LIST]);
    history.is_broken |= history.replies == NULL;
    if (has_all) {
        check_giver(&history);
        read_commits(&history);
        read_trees(&history);
        read_unreachable(&history);
    }
    bool ok = history.ok && tell_end(&history, has_all, err);
    close(history.requests);
    if (history.replies != NULL)
        fclose(history.replies);
    git_id_set_clear(&history.seen);
    free(history.commits);
    free(history.parents);
    free(history.blobs);
    free(history.path);
    return ok;
}
