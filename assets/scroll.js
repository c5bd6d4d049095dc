// Tables and equations that scroll sideways can be reached and scrolled by keyboard. The
// theme sees to code and outputs.
"use strict";

{
  const boxes = [...document.querySelectorAll(".bd-article table.table, div.math > math")];
  const check = (some) => {
    // First read all, then write: else the browser lays the page out anew for each.
    const wide = some.map((box) => box.scrollWidth > box.clientWidth);
    some.forEach((box, i) => {
      if (wide[i]) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
    });
  };
  const watch = new ResizeObserver((entries) => check(entries.map(({ target }) => target)));
  for (const box of boxes) watch.observe(box);
  // What is in a box may grow while the box does not.
  document.fonts.addEventListener("loadingdone", () => check(boxes));
}
