/* Sorting, one filter, and opening all details. Without it all is readable in the order of the page. */
(function () {
    "use strict";
    var doc = document;
    function value(row, column) {
        var cell = row.cells[column], text = cell ? cell.getAttribute("data-v") || cell.textContent.trim() : "";
        var number = Number(text.replace(/,/g, ""));
        return text !== "" && !isNaN(number) ? number : text.toLowerCase();
    }
    function before(a, b) {
        if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
        return typeof a === "number" ? -1 : 1;
    }
    function sort(table, column, heading) {
        var up = heading.getAttribute("aria-sort") !== "ascending", body = table.tBodies[0];
        Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute("aria-sort"); });
        heading.setAttribute("aria-sort", up ? "ascending" : "descending");
        Array.prototype.slice.call(body.rows).sort(function (a, b) {
            var left = value(a, column), right = value(b, column);
            if (left === "" || right === "") return (left === "") - (right === "");     /* last in either direction */
            return before(left, right) * (up ? 1 : -1);
        }).forEach(function (row) { body.appendChild(row); });
    }
    var tables = doc.querySelectorAll("table.list, table.rows");
    tables.forEach(function (table) {
        Array.prototype.forEach.call(table.tHead.rows[0].cells, function (heading, column) {
            var button = doc.createElement("button"), text = heading.textContent;
            button.type = "button";
            function show() { button.textContent = text; heading.textContent = ""; heading.appendChild(button); }
            show();
            addEventListener("beforeprint", function () { heading.textContent = text; });   /* else heads are not repeated */
            addEventListener("afterprint", show);
            button.addEventListener("click", function () { sort(table, column, heading); });
        });
    });
    var tools = doc.getElementById("tools");
    if (!tools) return;
    tools.innerHTML = '<label for="filter">Show only rows with</label> <input id="filter" type="search">' +
        (doc.querySelector("details") ? ' <button type="button" id="open" aria-expanded="false">Open all details</button>' : "") +
        ' <span id="shown" role="status"></span>';
    doc.getElementById("filter").addEventListener("input", function () {
        var wanted = this.value.toLowerCase(), total = 0;
        tables.forEach(function (table) {
            var shown = 0, section = table.closest("section section");
            Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
                row.hidden = wanted !== "" && (table.caption.textContent + row.textContent).toLowerCase().indexOf(wanted) < 0;
                shown += row.hidden ? 0 : 1;
            });
            total += shown;
            if (section) section.hidden = shown === 0;
        });
        doc.getElementById("shown").textContent = wanted === "" ? "" : total + " rows";
    });
    var open = doc.getElementById("open");
    if (open) open.addEventListener("click", function () {
        var opened = open.getAttribute("aria-expanded") === "false";
        open.setAttribute("aria-expanded", opened);
        open.textContent = opened ? "Close all details" : "Open all details";
        doc.querySelectorAll("tr details").forEach(function (details) { details.open = opened; });
    });
})();
