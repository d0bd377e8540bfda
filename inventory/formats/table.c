#include "inventory/formats/table.h"

#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

void table_init(struct table *table)
{
    *table = (struct table){0};
    byte_buffer_init(&table->text, TABLE_TEXT_MAX);
}

void table_clear(struct table *table)
{
    byte_buffer_clear(&table->text);
    free(table->cells);
    free(table->rows);
    table_init(table);
}

bool table_begin_row(struct table *table, size_t line)
{
    if (table->is_full)
        return false;
    if (table->row_count == table->row_room) {
        table->row_room = table->row_room == 0 ? 64 : table->row_room * 2;
        table->rows = xreallocarray(table->rows, table->row_room, sizeof *table->rows);
    }
    table->rows[table->row_count++] = (struct table_row){.line = line, .first = table->cell_count};
    return true;
}

bool table_add_cell(struct table *table, const char *text, size_t len)
{
    size_t at = byte_buffer_len(&table->text);
    struct table_row *row = &table->rows[table->row_count - 1];
    uint8_t *room = table->is_full || table->cell_count == TABLE_CELLS_MAX || row->count == TABLE_COLUMNS_MAX
                        ? NULL
                        : byte_buffer_room(&table->text, len + 1);
    if (room == NULL) {
        table->is_full = true;
        return false;
    }
    for (size_t i = 0; i < len; i++)
        room[i] = (uint8_t)(text[i] == '\0' ? ' ' : text[i]);
    room[len] = '\0';
    byte_buffer_added(&table->text, len + 1);
    if (table->cell_count == table->cell_room) {
        table->cell_room = table->cell_room == 0 ? 1024 : table->cell_room * 2;
        table->cells = xreallocarray(table->cells, table->cell_room, sizeof *table->cells);
    }
    table->cells[table->cell_count++] = (uint32_t)at;
    row->count++;
    return true;
}

const char *table_cell(const struct table *table, const struct table_row *row, size_t column)
{
    if (column >= row->count)
        return "";
    return (const char *)byte_buffer_reader(&table->text).at + table->cells[row->first + column];
}
