/* The filter above the table of claims: words that a row must have, and a verdict.
   Without this script the table is shown whole. */
"use strict";

const table = document.querySelector("#every-claim table");
if (table) addFilter(table);

function addFilter(table) {
  const rows = [...table.tBodies[0].rows];
  const text = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const verdict = (row) => row.cells[1].textContent.trim();
  const verdicts = [...new Set(rows.map(verdict))];

  const form = document.createElement("form");
  form.className = "claim-filter";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Claims");
  form.innerHTML = `
    <label>Words <input type="search" autocomplete="off"></label>
    <label>Verdict <select><option value="">any</option>${verdicts
      .map((name) => `<option>${name}</option>`)
      .join("")}</select></label>
    <output aria-live="polite"></output>`;
  const [words, chosen, count] = form.querySelectorAll("input, select, output");

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
      const fits = wanted.every((word) => text.get(row).includes(word));
      row.hidden = !fits || (chosen.value !== "" && verdict(row) !== chosen.value);
      shown += !row.hidden;
    }
    count.value = `${shown} of ${rows.length} claims`;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // A link to a claim must find it, whatever is filtered out.
  addEventListener("hashchange", () => {
    const row = document.getElementById(location.hash.slice(1))?.closest("tr");
    if (row?.hidden) {
      form.reset();
      filter();
      row.scrollIntoView();
    }
  });
  const box = table.closest(".pst-scrollable-table-container") ?? table;
  box.before(form);
  filter();
}
