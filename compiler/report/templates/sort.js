"use strict";
for (const table of document.querySelectorAll("table[data-sort]")) {
  const body = table.tBodies[0];
  const key = (row, at) => {
    const cell = row.cells[at];
    if (cell && cell.dataset.key !== undefined) return parseFloat(cell.dataset.key);
    const text = cell ? cell.textContent.trim() : "";
    const found = /-?[\d.,]+/.exec(text);
    return found && !/^[A-Za-z]/.test(text) ? parseFloat(found[0].replace(/,/g, "")) : text.toLowerCase();
  };
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  heads.forEach((head, at) => {
    if (head.dataset.fixed !== undefined) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => {
        const x = key(a, at), y = key(b, at);
        // Where nothing was measured there is no number: such rows stay at the end either way.
        if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
        const order = typeof x === "number" ? x - y : x.localeCompare(y, "en", { numeric: true });
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });
  if (body.rows.length < 6) continue;
  const label = document.createElement("label");
  label.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  label.append("Show only rows with ", input);
  (table.closest(".wide") || table).before(label);
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
