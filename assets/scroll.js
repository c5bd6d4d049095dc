// Tables and equations that scroll sideways can be reached and scrolled by keyboard. The
// theme sees to code and outputs.
"use strict";

{
  const boxes = document.querySelectorAll(".bd-article table.table, div.math > math");
  const check = (box) => {
    if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => check(target)));
  for (const box of boxes) watch.observe(box);
  // What is in a box may grow while the box does not.
  document.fonts.ready.then(() => boxes.forEach(check));
}
