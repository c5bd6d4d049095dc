// What Sphinx's search (searchtools.js) takes from its option `html_search_scorer`. A
// result is [page, title, anchor, description, score, file]; a page is a section here, see
// search.py.

var Scorer = {
  objNameMatch: 6,
  objPartialMatch: 2,
  objPrio: {},
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,

  // Each word of the query counts, most in the heading of the section, a little in that of
  // the page. Among equals comes first what the sidebar has first.
  score: (result) => {
    const [name, , , description, score] = result;
    if (description !== null) return score; // a name of the package
    const { docnames, titleterms, terms } = Search._index;
    const [page, section] = name.split("#");
    const [, words] = Search._parseQuery(new URLSearchParams(location.search).get("q"));
    const has = (where, place) => [where].flat().includes(place);
    const [here, top] = [docnames.indexOf(name), docnames.indexOf(page)];
    let sum = score > Scorer.title ? score : 0; // an entry of the index, as it was typed
    for (const word of words) {
      if (has(titleterms[word], here)) sum += Scorer.title;
      else if (has(terms[word], here)) sum += Scorer.term;
      if (has(titleterms[word], top)) sum += 3;
    }
    const pages = [...document.querySelectorAll(".bd-links a")].map((link) => link.pathname);
    const before = pages.findIndex((path) => path.endsWith(`/${page}.html`));
    if (section) [result[0], result[2]] = [page, `#${section}`];
    return (sum || score) - (before < 0 ? pages.length : before) / 100;
  },
};

// An excerpt quotes the prose of a section, from the sentence on that has a word of the
// query. From disk no other page can be read.
Search.makeSearchSummary = (html, words, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const place = page.querySelector(anchor ? `[id="${anchor.slice(1)}"]` : "article section");
  const own = (part) => part.closest("section[id]") === place && !part.closest("details, .cell");
  const parts = [...place.querySelectorAll(":is(p, li, td, dd):not(:has(p))")].filter(own);
  const told = parts.length ? parts : [place.matches("dt") ? place.nextElementSibling : place];
  const text = told.map((part) => part.textContent.trim().replace(/\s+/g, " ")).join(" ");

  const hits = [...words].map((word) => text.toLowerCase().indexOf(word)).filter((at) => at > 0);
  const hit = hits.length ? Math.min(...hits) : 0;
  const near = hit > 150 ? text.indexOf(" ", hit - 150) : 0;
  const start = Math.max(text.lastIndexOf(". ", hit) + 1, near);
  const end = start + 240 < text.length ? text.lastIndexOf(" ", start + 240) : text.length;
  const quote = text.slice(start, end).trim() + (end < text.length ? " …" : "");
  return Object.assign(document.createElement("p"), { className: "context", textContent: quote });
};
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

const FOUND = "Search finished, found ${resultCount} page(s) matching the search query.";
Documentation.TRANSLATIONS[FOUND] = "Sections found: ${resultCount}.";
