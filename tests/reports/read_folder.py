"""Reads what test_golden wrote into a folder, as others do: the workbook by openpyxl, against the JSON of the same reports; with --hostile
letters, calendars, mail, events and the bill for what a stranger's names could do there."""
import csv
import datetime
import email
import email.policy
import json
import os
import re
import sys

import openpyxl

folder, hostile = sys.argv[1], "--hostile" in sys.argv


def text(name):
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
        return file.read()


def same(cell, value):
    if isinstance(value, list):
        value = "\n".join(value)
    if value is None or value == "":
        return cell.value in (None, "")
    if isinstance(cell.value, datetime.datetime):
        told = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=None)
        return abs((cell.value - told).total_seconds()) < 1
    return cell.value == value


def check_sheet(sheet, report):
    rows = list(sheet.iter_rows())
    told = report["rows"]
    for row in rows:
        for cell in row:
            assert cell.data_type != "f" and cell.hyperlink is None, (sheet.title, cell.coordinate, cell.value)
            assert not isinstance(cell.value, str) or not re.search("[\x00-\x08\x0b-\x1f\u202e]", cell.value), (sheet.title, cell.coordinate)
    assert len(rows) >= 1 + len(told), (sheet.title, len(rows), len(told))
    for row in rows[1 + len(told):]:
        assert row[0].value.startswith("# ") and all(cell.value is None for cell in row[1:]), sheet.title
    heads = [cell.value for cell in rows[0]]
    for row, values in zip(rows[1:], told):
        assert heads == list(values), (sheet.title, heads, list(values))
        for cell, key in zip(row, heads):
            assert hostile or same(cell, values[key]), (sheet.title, cell.coordinate, cell.value, values[key])


def check_book():
    book = openpyxl.load_workbook(os.path.join(folder, "book.xlsx"))
    reports = [name[:-5] for name in os.listdir(folder) if name.endswith(".json") and not name.startswith("cbom")]
    assert sorted(reports) == sorted(book.sheetnames) and len(reports) > 15, (reports, book.sheetnames)
    for name in reports:
        check_sheet(book[name], json.loads(text(name + ".json")))
        shown = any(isinstance(cell.value, str) and "/c calc" in cell.value for row in book[name].iter_rows() for cell in row)
        assert shown == ("/c calc" in text(name + ".json")), name
    shown = [name for name in reports if "/c calc" in text(name + ".json")]
    assert not hostile or len(shown) > 8, shown


def check_page(name, page):
    for wicked in ("<script>alert", "\" onload=\"", "<b>x</b>", "\x1b", "\u202e"):
        assert wicked not in page, (name, wicked)


def check_calendar(name, calendar):
    unfolded = calendar.replace("\r\n ", "")
    for line in unfolded.split("\r\n")[:-1]:
        assert re.match(r"(BEGIN:(VCALENDAR|VEVENT|VALARM)|END:|VERSION|PRODID|CALSCALE|METHOD|NAME|X-WR-CALNAME|REFRESH-INTERVAL|X-PUBLISHED-TTL|UID|DTSTAMP"
                        r"|DTSTART|DTEND|SUMMARY|DESCRIPTION|SEQUENCE|STATUS|CONTACT|ORGANIZER|TRANSP|CATEGORIES|LAST-MODIFIED|CREATED|ACTION|TRIGGER|CLASS)",
                        line), (name, line)
        assert not re.search("[\x00-\x08\x0a-\x1f\x7f\u202e]", line), (name, line)
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n")), name


def check_letters():
    names = os.listdir(os.path.join(folder, "letters"))
    for name in names:
        content = text(os.path.join("letters", name))
        if name.endswith(".html"):
            check_page(name, content)
        elif name.endswith(".csv"):
            for row in csv.reader(content.splitlines(True), strict=True):
                assert not any(cell[:1] in ("=", "+", "@", "\t") for cell in row), (name, row)
        elif name == "letters.txt":
            assert all(re.fullmatch(r"[0-9a-f]{64}  [a-z0-9-]+\.(html|csv|ics)", line) for line in content.splitlines()), content
        else:
            check_calendar(name, content)
    wicked = [name for name in names if "/c calc" in text(os.path.join("letters", name))]
    assert {name.rsplit(".", 1)[1] for name in wicked} == {"html", "csv", "ics"}, wicked


def check_mail():
    names = os.listdir(os.path.join(folder, "eml"))
    shown = 0
    for name in names:
        with open(os.path.join(folder, "eml", name), "rb") as file:
            message = email.message_from_binary_file(file, policy=email.policy.default)
        assert not message.defects, (name, message.defects)
        assert set(message.keys()) <= {"From", "To", "Subject", "Message-Id", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"}, message.keys()
        for kind in ("plain", "html"):
            part = message.get_body((kind,)).get_content()
            check_page(name, part) if kind == "html" else None
            assert "\x1b" not in part and "\u202e" not in part, name
            shown += "/c calc" in part
    assert shown >= 2, (names, shown)


check_book()
if hostile:
    check_letters()
    check_mail()
    assert len({part["bom-ref"] for part in json.loads(text("cbom.json"))["components"]}) > 80
    assert all(json.loads(line)["id"] for line in text("events.jsonl").splitlines())
