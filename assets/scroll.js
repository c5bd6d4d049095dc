// What scrolls sideways fades at its end while there is more, see book.css, and can be
// reached and scrolled by keyboard: the theme sees to that for code and outputs.
"use strict";

{
  const scrolls = ".bd-article table.table, div.math > math, .bd-article pre";
  const boxes = [...document.querySelectorAll(scrolls)];
  const hidden = (box) => box.scrollWidth - box.clientWidth;
  const check = (some) => {
    // First read all, then write: else the browser lays the page out anew for each.
    const sizes = some.map((box) => [hidden(box), hidden(box) - Math.abs(box.scrollLeft)]);
    some.forEach((box, i) => {
      const [wide, more] = sizes[i];
      if (!box.matches("pre")) {
        if (wide > 0) box.setAttribute("tabindex", "0");
        else box.removeAttribute("tabindex");
      }
      box.classList.toggle("goes-on", more > 1);
    });
  };
  const watch = new ResizeObserver((entries) => check(entries.map(({ target }) => target)));
  for (const box of boxes) {
    watch.observe(box);
    box.addEventListener("scroll", () => check([box]), { passive: true });
  }
  // What is in a box may grow while the box does not.
  document.fonts.addEventListener("loadingdone", () => check(boxes));
}
