#!/usr/bin/env python3
"""Looks at the documents of write_documents as people and other programs do: a browser with and without script, at a desk, on a
telephone, in the dark, on paper; a calendar library; openssl.

    look_at_documents.py WRITE_DOCUMENTS [AXE_MIN_JS [CERTSWEEP]]
"""
import base64
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import icalendar
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By


def browser(script=True):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking",
                 "--host-resolver-rules=MAP * ~NOTFOUND"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    driver.set_script_timeout(300)          # axe-core takes a minute for a long page on a busy machine
    if not script:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    return driver


def show(driver, path, width=1280, dark=False):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                           {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    driver.get("file://" + path)


def pages(driver, path, width, height, script=""):
    show(driver, path)
    driver.execute_script(script)
    data = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "paperWidth": width, "paperHeight": height})["data"]
    pdf = path + ".pdf"
    with open(pdf, "wb") as out:
        out.write(base64.b64decode(data))
    told = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    return int(told.split("Pages:")[1].split()[0]), text


def check_sorting(driver):
    table = driver.find_element(By.CSS_SELECTOR, "#R01 table.list")
    heading = table.find_element(By.CSS_SELECTOR, "thead th:first-child button")
    names = [cell.text for cell in table.find_elements(By.CSS_SELECTOR, "tbody th")]
    assert len(names) > 3, names
    heading.click()
    assert [cell.text for cell in table.find_elements(By.CSS_SELECTOR, "tbody th")] == sorted(names)
    heading.click()
    assert [cell.text for cell in table.find_elements(By.CSS_SELECTOR, "tbody th")] == sorted(names, reverse=True)


def check_filter(driver):
    driver.find_element(By.ID, "filter").send_keys("camera.parks")
    shown = [row for row in driver.find_elements(By.CSS_SELECTOR, "#findings tbody tr") if row.is_displayed() and row.find_elements(By.TAG_NAME, "details")]
    assert shown and all("camera.parks" in row.text for row in shown), [row.text for row in shown]
    driver.find_element(By.ID, "filter").clear()
    driver.find_element(By.ID, "open").click()
    assert driver.find_elements(By.CSS_SELECTOR, "tr details[open]")


def check_links(driver):
    for link in driver.find_elements(By.CSS_SELECTOR, "a[href^='#']"):
        name = link.get_attribute("href").split("#")[1]
        assert driver.find_elements(By.ID, name), "no place for #" + name


def check_quiet(driver):
    """No line in the console, and no request but for the file itself."""
    for entry in driver.get_log("browser"):
        raise AssertionError(entry)
    for entry in driver.get_log("performance"):
        message = entry["message"]
        if "Network.requestWillBeSent\"" in message:
            assert '"url":"file://' in message or '"url":"data:' in message or '"url":"chrome' in message, message


def check_axe(driver, axe, what):
    driver.execute_script(open(axe, encoding="utf-8").read())
    result = driver.execute_async_script("axe.run().then(arguments[0])")
    faults = [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in result["violations"]]
    assert not faults, (what, faults)


def check_reports(folder, axe):
    """Every report as a page: nothing wider than its window, and axe-core finds nothing."""
    names = sorted(os.listdir(folder))
    assert len(names) > 18 and "columns.html" in names, names
    driver = browser()
    for name in names:
        for width, dark in ((1280, False), (1280, True), (375, False)):
            show(driver, os.path.join(folder, name), width, dark)
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width, f"{name}: {wide} wide at {width}"
            if axe:
                check_axe(driver, axe, (name, width, dark))
        check_words(driver, os.path.join(folder, name))
        for paper, width in (("Letter", 702), ("A4", 680)):          # what @page leaves of it, upright
            show(driver, os.path.join(folder, name), width)
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
            wide = driver.execute_script("return Math.max(0, ...[...document.querySelectorAll('table')].map(table => table.getBoundingClientRect().right))")
            assert wide <= width + 1, f"{name}: {wide} wide on {paper} of {width}"
    check_quiet(driver)
    driver.quit()


def check_weasyprint(path):
    """WeasyPrint 57 knows neither grid nor var() inside a shorthand, which would cost it lines, fonts and half of the paper."""
    style = open(path, encoding="utf-8").read().split("<style>", 1)[1].split("</style>", 1)[0]
    parts = re.findall(r"[;{\s](?:border|font|outline|background)(?:-top|-bottom|-left|-right)?:[^;}]*[^;}\s:][^;}]*var\([^;}]*", style)
    assert not parts, parts
    if shutil.which("weasyprint") is None:
        print("SKIP: WeasyPrint is not here: its PDF is NOT looked at", file=sys.stderr)
        return
    subprocess.run(["weasyprint", "-q", path, path + ".pdf"], check=True)
    words = subprocess.run(["pdfinfo", path + ".pdf"], check=True, capture_output=True, text=True).stdout
    count = int(re.search(r"Pages: +(\d+)", words)[1])
    assert 5 < count < 16, count
    fonts = subprocess.run(["pdffonts", path + ".pdf"], check=True, capture_output=True, text=True).stdout
    assert "Serif" not in fonts and "Times" not in fonts, fonts
    place = subprocess.run(["pdftotext", "-f", "1", "-l", "1", "-layout", path + ".pdf", "-"], check=True, capture_output=True, text=True).stdout
    assert re.search(r"What needs action, by its first day +The three worst", place), place


def check_long_owner(driver, path):
    """An owner's name may be one word of 200 letters, and widens nothing either."""
    for width in (1280, 375):
        show(driver, path, width, False)
        driver.execute_script("""
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode())
                texts.currentNode.data = texts.currentNode.data.replace(/Department of Revenue|Parks Service/g, "Departmentof".repeat(17).slice(0, 199));""")
        wide = driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, f"{path}: a long owner makes it {wide} wide at {width}"


def check_wide_numbers(driver, path):
    """Numbers of seven digits widen nothing, and none lies over another in the contents."""
    for number in ("1,234", "12,345", "123,456", "1,234,567"):
        show(driver, path, 375, False)
        driver.execute_script("""
            for (const cell of document.querySelectorAll('td.n, nav span')) {
                const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
                while (texts.nextNode())
                    texts.currentNode.data = texts.currentNode.data.replace(/[0-9][0-9,]*/, arguments[0]);
                cell.classList.remove('z');
            }""", number)
        wide = driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 375, f"{path}: numbers as {number} make it {wide} wide"
        over = driver.execute_script("""
            return Array.from(document.querySelectorAll('table:not(.wide table), nav li'))
                .filter(part => part.scrollWidth > part.clientWidth + 1 || part.getBoundingClientRect().right > innerWidth)
                .map(part => part.innerText.slice(0, 60));""")
        assert not over, (path, number, over)
        meet = driver.execute_script("""
            const boxes = Array.from(document.querySelectorAll('nav a, nav span')).flatMap(part => Array.from(part.getClientRects()));
            return boxes.filter((a, i) => boxes.some((b, j) => i < j && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)).length;""")
        assert meet == 0, (path, number, meet)


BROKEN_WORDS = r"""
const out = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
    const node = texts.currentNode;
    if (node.parentElement.closest("code, script, style") || node.parentElement.getClientRects().length === 0)
        continue;
    for (const word of node.data.matchAll(/(?<![A-Za-z0-9.@:_-])[A-Za-z]{3,14}(?![A-Za-z0-9.@:_-])/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1)
            out.push(word[0] + " in " + node.parentElement.outerHTML.slice(0, 80));
    }
}
return out;
"""


def check_words(driver, path):
    """On paper no word of people's is broken: a name or a hash may be."""
    for width in (703, 680):                    # what Letter and A4 leave between their margins
        show(driver, path, width)
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        broken = driver.execute_script(BROKEN_WORDS)
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        assert not broken, (path, width, broken[:5])


TWELVE_OWNERS = """
const rows = document.querySelector('.first tbody');
for (const cell of document.querySelectorAll('.first td.n'))
    cell.textContent = '12,345';
while (rows.children.length < 12)
    rows.append(rows.firstElementChild.cloneNode(true));
"""


def check_first_page(driver, path):
    """The first sentence, what is due by when and the three worst stand on the first page, whatever is due, and of whom."""
    for size in ((8.27, 11.69), (8.5, 11)):
        pages(driver, path, *size, TWELVE_OWNERS)
        check_first_page_has(path)


def check_first_page_has(path):
    first = subprocess.run(["pdftotext", "-f", "1", "-l", "1", "-layout", path + ".pdf", "-"], check=True, capture_output=True, text=True).stdout
    for part in ("expired and", "What needs action, by its first day", "All owners", "The three worst"):
        assert part in first, (path, part, first)


def check_page(path, axe):
    driver = browser()
    show(driver, path)
    check_links(driver)
    if path.endswith("discovery.html"):
        check_sorting(driver)
        check_filter(driver)
        check_first_page(driver, path)
    check_words(driver, path)
    for width, dark in ((1280, False), (1280, True), (375, False)):
        show(driver, path, width, dark)
        wide = driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, f"{path}: {wide} wide at {width}"
        if axe:
            check_axe(driver, axe, (path, width, dark))
    check_long_owner(driver, path)
    check_wide_numbers(driver, path)
    check_quiet(driver)
    counts = [pages(driver, path, *size) for size in ((8.27, 11.69), (8.5, 11))]
    driver.quit()
    return counts


def check_without_script(path):
    driver = browser(script=False)
    show(driver, path)
    text = driver.find_element(By.TAG_NAME, "body").text
    for word in ("Summary", "What needs action", "payments.revenue.example.gov", "Glossary"):
        assert word in text, word
    driver.quit()


def check_calendars(folder):
    found = overdue = 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".ics"):
            continue
        with open(os.path.join(folder, name), "rb") as text:
            calendar = icalendar.Calendar.from_ical(text.read())
        events = list(calendar.walk("VEVENT"))
        found += len(events)
        assert len({str(event["UID"]) for event in events}) == len(events), name
        for event in events:
            assert event["DTEND"].dt > event["DTSTART"].dt and int(event["SEQUENCE"]) == 0
            assert re.match(r"(OVERDUE since \d+ [A-Z][a-z]{2} \d{4}: )?Certificate due: ", str(event["SUMMARY"])), event["SUMMARY"]
            is_overdue = str(event["SUMMARY"]).startswith("OVERDUE")
            overdue += is_overdue
            alarms = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
            assert len(alarms) == 2 and all((at.total_seconds() >= 0) == is_overdue for at in alarms), alarms
            assert event["DTSTART"].dt >= datetime.date.today() - datetime.timedelta(days=1), event["DTSTART"].dt
    assert found > 5 and overdue > 0, (found, overdue)


def check_evidence(folder):
    evidence = os.path.join(folder, "evidence")
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=evidence, check=True)
    subprocess.run(["openssl", "cms", "-verify", "-binary", "-purpose", "any", "-CAfile", os.path.join(folder, "ca.pem"), "-inform", "PEM",
                    "-in", "SHA256SUMS.p7s", "-content", "SHA256SUMS", "-out", "/dev/null"], cwd=evidence, check=True, stderr=subprocess.DEVNULL)
    query = subprocess.run(["openssl", "ts", "-query", "-in", "SHA256SUMS.tsq", "-text"], cwd=evidence, check=True, capture_output=True, text=True).stdout
    assert "Hash Algorithm: sha256" in query and "Certificate required: yes" in query, query


TSA = """[tsa]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ordering = yes
ess_cert_id_alg = sha256
[req]
distinguished_name = name
prompt = no
x509_extensions = stamps
[name]
CN = Time stamps of a test
[stamps]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""


def stamp(folder):
    """What an authority elsewhere does with the query: SHA256SUMS.tsr beside it. Gives the authority's certificate."""
    evidence, config, cert, key = (os.path.join(folder, name) for name in ("evidence", "tsa.cnf", "tsa.pem", "tsa.key"))
    with open(config, "w", encoding="utf-8") as out:
        out.write(TSA.format(folder=folder))
    with open(os.path.join(folder, "serial"), "w", encoding="utf-8") as out:
        out.write("01\n")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3", "-config", config, "-keyout", key, "-out", cert],
                   check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["openssl", "ts", "-reply", "-config", config, "-section", "tsa", "-queryfile", "SHA256SUMS.tsq", "-signer", cert, "-inkey", key,
                    "-out", "SHA256SUMS.tsr"], cwd=evidence, check=True, stderr=subprocess.DEVNULL)
    return cert


def check_time_stamp(folder, certsweep):
    """The query goes out, the reply comes back, and both openssl and we accept it; what was changed since is told."""
    evidence, both = os.path.join(folder, "evidence"), os.path.join(folder, "both.pem")
    cert = stamp(folder)
    for words in (["-queryfile", "SHA256SUMS.tsq"], ["-data", "SHA256SUMS"]):
        told = subprocess.run(["openssl", "ts", "-verify", *words, "-in", "SHA256SUMS.tsr", "-CAfile", cert], cwd=evidence, check=True,
                              capture_output=True, text=True)
        assert "Verification: OK" in told.stdout + told.stderr, told
    with open(both, "w", encoding="utf-8") as out:
        for name in (cert, os.path.join(folder, "ca.pem")):
            out.write(open(name, encoding="utf-8").read())

    def verify(*words):
        told = subprocess.run([certsweep, "evidence", "verify", evidence, *words], capture_output=True, text=True)
        return told.returncode, told.stdout
    code, told = verify("--ca", both)
    assert code == 0 and "Signature: good" in told and "Time stamp: good" in told and "The evidence is whole." in told, told
    code, told = verify()
    assert code == 0 and told.count("the signer was not verified") == 2, told
    code, told = verify("--ca", os.path.join(folder, "ca.pem"))             # the authority is a stranger
    assert code != 0 and "Time stamp: BAD" in told and "Signature: good" in told, told
    for name, told_as in (("SHA256SUMS.tsr", "Time stamp"), ("SHA256SUMS.p7s", "Signature")):
        sealed = os.path.join(evidence, name)
        kept = open(sealed, "rb").read()
        with open(sealed, "ab") as out:
            out.write(b"more")
        code, told = verify("--ca", both)
        assert code != 0 and told_as + ": BAD, there are bytes after its end" in told and "NOT whole" in told, told
        with open(sealed, "wb") as out:
            out.write(kept)
    with open(os.path.join(evidence, "findings.csv"), "a", encoding="utf-8") as out:
        out.write("one more\r\n")
    code, told = verify("--ca", both)
    assert code != 0 and "changed  findings.csv" in told and "NOT whole" in told and "Time stamp: good" in told, told
    sums = os.path.join(evidence, "SHA256SUMS")
    text = open(sums, encoding="utf-8").read()
    with open(sums, "w", encoding="utf-8") as out:
        out.write("".join(line for line in text.splitlines(True) if "findings.csv" not in line))
    code, told = verify("--ca", both)
    assert code != 0 and "Time stamp: BAD" in told and "Signature: BAD" in told and "added    findings.csv" in told, told


def check_description(folder):
    """Who, where, when, and how much it says nothing of."""
    with open(os.path.join(folder, "evidence", "evidence.json"), encoding="utf-8") as text:
        told = json.load(text)
    for key in ("operator", "host", "system", "certsweep", "policy", "policy_sha256", "as_of", "written_at"):
        assert told[key], key
    for key in ("as_of", "written_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told[key]), told[key]
    assert set(told["clock"]) == {"synchronized", "offset_ms", "max_error_ms"}, told["clock"]
    assert told["asked"] > told["answered"] > 0 and told["places_untested"] == 2 and told["certificates"] == 40, told
    names = set(os.listdir(os.path.join(folder, "evidence")))
    for name in ("discovery.html", "lists.xlsx", "findings.csv", "findings.json", "findings.pem", "policy.ini", "rules.csv", "runs.json", "SHA256SUMS.p7s"):
        assert name in names, name


def main():
    program, axe = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    if not os.path.exists(axe):
        print("axe-core is not here: accessibility is NOT tested", file=sys.stderr)
        axe = ""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        subprocess.run([program, folder], check=True, stdout=subprocess.DEVNULL)
        for count, text in check_page(os.path.join(folder, "discovery.html"), axe):
            assert 5 < count < 16, count
            assert text.count("Certificate discovery, ") >= count and "Owner" in text
        check_page(os.path.join(folder, "findings.html"), axe)
        check_reports(os.path.join(folder, "reports"), axe)
        for name in ("certificate.html", "certificates.html", "endpoint.html"):
            check_page(os.path.join(folder, name), axe)
        check_page(os.path.join(folder, "letters", "department-of-transport.html"), axe)
        check_page(os.path.join(folder, "letters", "index.html"), axe)
        check_weasyprint(os.path.join(folder, "discovery.html"))
        check_without_script(os.path.join(folder, "discovery.html"))
        check_calendars(os.path.join(folder, "letters"))
        check_evidence(folder)
        check_description(folder)
        if len(sys.argv) > 3:
            check_time_stamp(folder, sys.argv[3])
    print("documents: read in a browser, on paper, by a calendar library and by openssl")


main()
