/* The filter above the tables of claims: words that a row must have, a topic, a verdict.
   Without this script the tables are shown whole. */
"use strict";

const claims = document.querySelector("#every-claim");
if (claims?.querySelector("table")) addFilter(claims);

function addFilter(claims) {
  const rows = [...claims.querySelectorAll("tbody tr")];
  const text = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const verdict = (row) => row.cells[1].textContent.trim();
  const verdicts = [...new Set(rows.map(verdict))];
  const topics = [...claims.querySelectorAll("section")];
  const name = (topic) => topic.querySelector("h3").firstChild.textContent.trim();
  const options = (names) => names.map((one) => `<option>${one}</option>`).join("");

  const form = document.createElement("form");
  form.className = "claim-filter";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Claims");
  form.innerHTML = `
    <label>Words <input type="search" autocomplete="off"></label>
    <label>Topic <select><option value="">any</option>${options(topics.map(name))}</select></label>
    <label>Verdict <select><option value="">any</option>${options(verdicts)}</select></label>
    <output aria-live="polite"></output>`;
  const [words, topic, chosen, count] = form.querySelectorAll("input, select, output");

  function filter() {
    const wanted = words.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const section of topics) {
      let left = 0;
      for (const row of section.querySelectorAll("tbody tr")) {
        const fits = wanted.every((word) => text.get(row).includes(word));
        row.hidden = !fits || (chosen.value !== "" && verdict(row) !== chosen.value);
        left += !row.hidden;
      }
      section.hidden = left === 0 || (topic.value !== "" && name(section) !== topic.value);
      if (!section.hidden) shown += left;
    }
    count.value = `${shown} of ${rows.length} claims`;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // A link to a claim must find it, whatever is filtered out.
  addEventListener("hashchange", () => {
    const row = document.getElementById(location.hash.slice(1))?.closest("tr");
    if (row?.closest("[hidden]")) {
      form.reset();
      filter();
      row.scrollIntoView();
    }
  });
  topics[0].before(form);
  filter();
}
