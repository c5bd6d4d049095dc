// A closer look: hovering over or focusing a link to a citation, equation, figure, theorem,
// exercise or term shows it; a figure opens large by a click, Enter or the space bar.
// Escape closes either. From disk other pages cannot be read: there only what stands on the
// page, and citations, which carry their text, are shown.
"use strict";

{
  const KINDS = "figure, div.math, div.proof, div.exercise, dt";
  const article = document.querySelector(".bd-article");
  const box = Object.assign(document.createElement("div"), { id: "closer", hidden: true });
  box.setAttribute("role", "tooltip");
  const pages = new Map();
  let wanted, timer;

  async function read(path) {
    const text = await (await fetch(path)).text();
    return new DOMParser().parseFromString(text, "text/html");
  }

  // What a link leads to, as a copy without ids, or null.
  async function find(link) {
    if (link.dataset.cites) return document.createTextNode(link.dataset.cites);
    const url = new URL(link.href);
    const here = url.pathname === location.pathname;
    if (!here && location.protocol === "file:") return null;
    if (!here && !pages.has(url.pathname)) pages.set(url.pathname, read(url.pathname));
    const page = here ? document : await pages.get(url.pathname);
    const found = page.getElementById(decodeURIComponent(url.hash.slice(1)))?.closest(KINDS);
    if (!found) return null;
    const copy = (found.matches("dt") ? found.nextElementSibling : found).cloneNode(true);
    copy.querySelectorAll(".headerlink, .explorable").forEach((part) => part.remove());
    for (const part of [copy, ...copy.querySelectorAll("[id]")]) part.removeAttribute("id");
    for (const image of copy.querySelectorAll("img")) {
      image.src = new URL(image.getAttribute("src"), url);
      image.loading = "eager";
    }
    return copy;
  }

  function put(link) {
    const { left, top, bottom } = link.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - width - 8))}px`;
    box.style.top = `${bottom + 8 + height > innerHeight && top > height ? top - height - 8 : bottom + 8}px`;
  }

  async function show(link) {
    wanted = link;
    const copy = await find(link).catch(() => null);
    if (!copy || wanted !== link) return;
    box.replaceChildren(copy);
    box.hidden = false;
    link.setAttribute("aria-describedby", box.id);
    await Promise.all([...box.querySelectorAll("img")].map((image) => image.decode().catch(() => {})));
    put(link);
  }

  function hide() {
    clearTimeout(timer);
    wanted?.removeAttribute("aria-describedby");
    wanted = null;
    box.hidden = true;
  }

  const later = (action, wait) => {
    clearTimeout(timer);
    timer = setTimeout(action, wait);
  };

  function watch(link) {
    if (link.title) [link.dataset.cites, link.title] = [link.title, ""]; // else both are shown
    link.addEventListener("mouseenter", () => later(() => show(link), 250));
    link.addEventListener("mouseleave", () => later(hide, 250));
    link.addEventListener("focus", () => later(() => show(link), 100));
    link.addEventListener("blur", hide);
  }

  // A figure by itself, as large as the window, and on a small one larger.
  const dialog = document.createElement("dialog");
  dialog.className = "enlarged";
  dialog.innerHTML = '<form method="dialog"><button>Close</button></form><div tabindex="0"></div><p></p>';
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  function enlarge(image) {
    const copy = Object.assign(new Image(), { src: image.src, alt: image.alt });
    const caption = image.closest("figure").querySelector(".caption-text");
    dialog.querySelector("div").replaceChildren(copy);
    dialog.querySelector("p").innerHTML = caption?.innerHTML ?? "";
    dialog.setAttribute("aria-label", "Figure, enlarged");
    dialog.showModal();
  }

  if (article) {
    document.body.append(box, dialog);
    article.querySelectorAll("a.reference.internal[href*='#']").forEach(watch);
    box.addEventListener("mouseenter", () => clearTimeout(timer));
    box.addEventListener("mouseleave", () => later(hide, 250));
    addEventListener("keydown", (event) => event.key === "Escape" && hide());
    addEventListener("scroll", () => box.hidden || hide(), { passive: true });
    for (const image of article.querySelectorAll("figure img")) {
      image.tabIndex = 0;
      image.setAttribute("role", "button");
      image.addEventListener("click", () => enlarge(image));
      image.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        enlarge(image);
      });
    }
  }
}
