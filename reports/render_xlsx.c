/* One report as a workbook. */
#include "probes/base/memory.h"
#include "reports/render.h"
#include "reports/xlsx_book.h"

#include <stdlib.h>

struct xlsx_state {
    FILE *out;
    struct xlsx_book *book;     /* NULL: it cannot be made */
    struct error err;
};

static void *xlsx_begin(const struct report *report, FILE *out)
{
    struct xlsx_state *state = xcalloc(1, sizeof *state);
    state->out = out;
    state->book = xlsx_book_create(XLSX_ROWS, &state->err);
    if (state->book != NULL)
        xlsx_book_sheet(state->book, report);
    return state;
}

static void xlsx_row(void *context, const char *const *values)
{
    struct xlsx_state *state = context;
    if (state->book != NULL)
        xlsx_book_row(state->book, values);
}

static void xlsx_end(void *context, const struct render_end *end)
{
    struct xlsx_state *state = context;
    if (state->book != NULL) {
        xlsx_book_note(state->book, end);
        xlsx_book_close(state->book, state->out, &state->err);
    }
    if (end != NULL && end->err != NULL && state->err.kind != ERROR_NONE)
        *end->err = state->err;
    free(state);
}

const struct renderer render_xlsx = {.name = "xlsx", .begin = xlsx_begin, .row = xlsx_row, .end = xlsx_end};
