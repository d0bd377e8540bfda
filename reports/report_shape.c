#include "reports/report.h"

size_t report_column_count(const struct report *report)
{
    size_t count = 0;
    while (count < REPORT_COLUMNS_MAX && report->columns[count].key != NULL)
        count++;
    return count;
}
