"""Prints a workbook as openpyxl reads it: a line a sheet, then its rows, each cell as type:value. Newlines as \\n."""
import datetime
import sys

import openpyxl

book = openpyxl.load_workbook(open(sys.argv[1], "rb"))
print("created", book.properties.created.isoformat())
for sheet in book.worksheets:
    print("sheet", sheet.title)
    for row in sheet.iter_rows():
        cells = []
        for cell in row:
            if cell.value is None:
                cells.append("-")
            elif isinstance(cell.value, datetime.datetime):
                cells.append("date:" + cell.value.isoformat())
            elif isinstance(cell.value, str) and len(cell.value) > 1000:
                cells.append("%s:%d...%s" % (cell.data_type, len(cell.value), cell.value[-10:]))
            else:
                cells.append("%s:%s" % (cell.data_type, str(cell.value).replace("\n", "\\n")))
            assert cell.hyperlink is None
        print("|".join(cells))
