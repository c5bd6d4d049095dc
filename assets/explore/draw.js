// What the explorable figures share: axes and lines in SVG, sliders and choices, and the
// element that redraws when one of them moves.
"use strict";

{
  const WIDTH = 360;
  const HEIGHT = 270;
  const PLOT = { left: 46, top: 24, width: 294, height: 202 };

  // As in rmsprop.plotting: the colour of each method, and dashes in units of the line
  // width for readers who see no colour.
  const LOOKS = {
    SGD: { color: "#7d7d7d", dashes: [4, 2] },
    AdaGrad: { color: "#d55e00", dashes: [6, 1.5, 1.2, 1.5] },
    RMSprop: { color: "#2a7de1", dashes: [] },
    centered: { color: "#b05cc4", dashes: [8, 2] },
    Adam: { color: "#1a9850", dashes: [3, 1.2, 1.2, 1.2, 1.2, 1.2] },
  };
  const LINE = 1.7;
  const FIRST = { color: "#008b8b", dashes: [] };
  const SECOND = { color: "#c2477f", dashes: [5, 1.5] };
  const GUIDE = { color: "#8c8c8c", dashes: [1, 1.5], width: 1.2 };

  // A number for people: three digits, and powers of ten where they are shorter.
  function show(value) {
    if (Number.isNaN(value)) return "no number";
    if (value === 0 || !Number.isFinite(value)) return value === 0 ? "0" : "∞";
    const size = Math.abs(value);
    if (size >= 1e-3 && size < 1e5) {
      const digits = size >= 1000 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)));
      return minus(String(Number(value.toFixed(digits))));
    }
    const [head, power] = value.toExponential(2).split("e");
    const ten = "10" + [...String(Number(power))].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");
    return Number(head) === 1 ? ten : `${minus(String(Number(head)))}·${ten}`;
  }

  const minus = (text) => text.replace("-", "−");
  const plain = (value) => minus(String(value));
  const text = (words) => words.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

  // 1, 1.5, 2, 3, 5, 7 times powers of ten, as the decimal numbers that they are written as.
  function ladder(from, to, heads = [1, 1.5, 2, 3, 5, 7]) {
    const values = [];
    for (let power = from; power < to; power++) {
      for (const head of heads) values.push(Number(`${head}e${power}`));
    }
    return [...values, Number(`1e${to}`)];
  }

  // Decays in steps of 0.01, and of 0.001 from 0.99 on.
  const DECAYS = Array.from({ length: 109 }, (_, k) => (k < 100 ? k / 100 : (k + 891) / 1000));

  function linearTicks(low, high) {
    const rough = (high - low) / 5;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * ([1, 2, 5].find((m) => m * unit >= rough) ?? 10);
    const ticks = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
      ticks.push(k * step);
    }
    return ticks;
  }

  function logTicks(low, high) {
    const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const every = Math.max(1, Math.ceil((to - from) / 6));
    const ticks = [];
    for (let power = from; power <= to; power += every) ticks.push(Number(`1e${power}`));
    return ticks;
  }

  // From values to points of the plot, and back.
  function scale([low, high], log, size, flip) {
    const f = log ? Math.log10 : (v) => v;
    const [a, b] = [f(low), f(high)];
    // A path that leaves the plot goes on for a while, so that its direction is right.
    const clip = (s) => Math.max(-3, Math.min(4, s));
    const forth = (v) => {
      const s = log && v <= 0 ? -3 : clip((f(v) - a) / (b - a));
      return size * (flip ? 1 - s : s);
    };
    const back = (p) => a + (b - a) * (flip ? 1 - p / size : p / size);
    return Object.assign(forth, { back, ticks: (log ? logTicks : linearTicks)(low, high) });
  }

  const at = (number) => number.toFixed(1);

  function stroke({ color, dashes, width = LINE }) {
    const dashed = dashes.length
      ? ` stroke-dasharray="${dashes.map((d) => at(d * width)).join(" ")}"`
      : "";
    return `fill="none" stroke="${color}" stroke-width="${width}"${dashed}`;
  }

  // One pair of axes: its parts are replaced, where they change, by `put`.
  class Panel {
    constructor(svg) {
      this.svg = svg;
      svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
      svg.innerHTML =
        '<g class="axes"></g>' +
        `<svg x="${PLOT.left}" y="${PLOT.top}" width="${PLOT.width}" height="${PLOT.height}">` +
        '<g class="ground"></g><g class="plot"></g></svg><g class="legend"></g>';
      for (const part of ["axes", "ground", "plot", "legend"]) {
        this[part] = svg.querySelector(`.${part}`);
      }
      this.drawn = {};
    }

    // Set the limits and labels of the axes: { limits, label, log } for x and for y.
    frame(x, y) {
      this.x = scale(x.limits, x.log, PLOT.width, false);
      this.y = scale(y.limits, y.log, PLOT.height, true);
      const { left, top, width, height } = PLOT;
      const bottom = top + height;
      let marks = `<path class="edge" d="M${left},${top}v${height}h${width}"/>`;
      for (const tick of this.x.ticks) {
        const place = at(left + this.x(tick));
        marks += `<path class="grid" d="M${place},${bottom}v${-height}"/>`;
        marks += `<text x="${place}" y="${bottom + 16}" text-anchor="middle">${show(tick)}</text>`;
      }
      for (const tick of this.y.ticks) {
        const place = at(top + this.y(tick));
        marks += `<path class="grid" d="M${left},${place}h${width}"/>`;
        marks += `<text x="${left - 5}" y="${place}" dy=".35em" text-anchor="end">${show(tick)}</text>`;
      }
      const middle = left + width / 2;
      marks += `<text x="${middle}" y="${HEIGHT - 8}" text-anchor="middle">${text(x.label)}</text>`;
      marks += `<text x="2" y="12">${text(y.label)}</text>`;
      this.put("axes", marks);
    }

    // Replace a part if it has changed.
    put(part, content) {
      if (this.drawn[part] === content) return;
      this.drawn[part] = content;
      this[part].innerHTML = content;
    }

    // A line through the points, as far as they are finite.
    line(points, look) {
      const d = this.places(points).map(([x, y]) => `${x},${y}`);
      return `<path d="M${d.join("L")}" ${stroke(look)}/>`;
    }

    places(points) {
      const end = points.findIndex((point) => !point.every(Number.isFinite));
      const finite = end < 0 ? points : points.slice(0, end);
      return finite.map(([x, y]) => [at(this.x(x)), at(this.y(y))]);
    }

    bars(points, look) {
      const d = this.places(points).map(([x, y]) => `M${x},${PLOT.height}V${y}`);
      return `<path d="${d.join("")}" ${stroke(look)}/>`;
    }

    // Round ends of lines without length: one path, however many dots.
    dots(points, look, radius = 2) {
      const d = this.places(points).map(([x, y]) => `M${x},${y}h0`);
      return `<path d="${d.join("")}" stroke="${look.color}" stroke-width="${2 * radius}" stroke-linecap="round"/>`;
    }

    word(x, y, words, place = "") {
      return `<text x="${at(this.x(x) + 4)}" y="${at(this.y(y) + 9)}" ${place}>${text(words)}</text>`;
    }

    // Name the lines, from the right end of the space above the plot.
    names(entries) {
      const mark = ([name, look]) => `<path ${stroke(look)}/><text y="12">${text(name)}</text>`;
      this.put("legend", entries.map(mark).join(""));
      let right = PLOT.left + PLOT.width;
      for (const name of [...this.legend.querySelectorAll("text")].reverse()) {
        right -= name.getComputedTextLength();
        name.setAttribute("x", at(right));
        name.previousElementSibling.setAttribute("d", `M${at(right - 27)},8h22`);
        right -= 37;
      }
    }
  }

  // The segments where the loss crosses a level, cell by cell of a grid.
  function contour(values, level, n, dx, dy) {
    let d = "";
    const cut = (j, i, k, l) => {
      const [a, b] = [values[j][i] - level, values[l][k] - level];
      if (a > 0 === b > 0) return [];
      const s = a / (a - b);
      return [`${((i + s * (k - i)) * dx).toFixed(1)},${((j + s * (l - j)) * dy).toFixed(1)}`];
    };
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        const ends = [
          ...cut(j, i, i + 1, j), ...cut(j, i + 1, i + 1, j + 1),
          ...cut(j + 1, i + 1, i, j + 1), ...cut(j + 1, i, i, j),
        ];
        for (let k = 0; k + 1 < ends.length; k += 2) d += `M${ends[k]}L${ends[k + 1]}`;
      }
    }
    return d;
  }

  // Twelve levels, each the next by the same factor, as in rmsprop.plotting.
  function contours({ problem, x, y }) {
    const n = 100;
    const values = Array.from({ length: n + 1 }, (_, j) =>
      Array.from({ length: n + 1 }, (_, i) =>
        problem.loss([x[0] + ((x[1] - x[0]) * i) / n, y[1] - ((y[1] - y[0]) * j) / n]),
      ),
    );
    const high = Math.max(...values.flat());
    const low = Math.max(Math.min(...values.flat()), high * 1e-4);
    let d = "";
    for (let k = 0; k < 12; k++) {
      d += contour(values, low * (high / low) ** (k / 11), n, PLOT.width / n, PLOT.height / n);
    }
    return `<path class="level" d="${d}"/>`;
  }

  const slider = (name, label, values) => ({ name, label, values, shown: show });
  const choice = (name, label, values) => ({ name, label, values });

  // An explorable figure: panels, controls, and a sentence that says what they show. A
  // subclass has `panels` (their names for a screen reader), `controls`, and `redraw`,
  // which gets the settings and returns the sentence. The page sets how it opens, for
  // instance data-rho="0.9".
  class Explorable extends HTMLElement {
    connectedCallback() {
      try {
        this.build();
      } catch (error) {
        this.classList.add("failed"); // the still figure takes its place
        throw error;
      }
    }

    build() {
      if (this.form) return;
      this.opening = {};
      for (const { name, values } of this.controls) {
        this.opening[name] = this.place(values, name, this.dataset[name]);
      }
      const id = (name) => `${this.localName}-${name}`;
      const panels = this.panels.map(
        (name) => `<svg role="img" aria-label="${text(name)}"></svg>`,
      );
      const controls = this.controls.map(
        ({ name, label, values, shown }) =>
          `<div><label for="${id(name)}">${label}</label>` +
          (shown
            ? `<input type="range" id="${id(name)}" name="${name}" max="${values.length - 1}">` +
              `<output for="${id(name)}"></output>`
            : `<select id="${id(name)}" name="${name}">` +
              `${values.map((v, k) => `<option value="${k}">${v}</option>`).join("")}</select>`) +
          "</div>",
      );
      this.firstElementChild.innerHTML =
        `<div class="panels">${panels.join("")}</div>` +
        `<form>${controls.join("")}<div><button type="reset">Start again</button></div></form>` +
        '<p class="said" aria-hidden="true"></p><p class="visually-hidden" role="status"></p>';
      [this.form] = this.getElementsByTagName("form");
      [this.said, this.status] = this.querySelectorAll("p");
      this.drawings = [...this.querySelectorAll(".panels > svg")].map((svg) => new Panel(svg));
      this.form.addEventListener("input", (event) => this.changed(event.target.name));
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("reset", (event) => {
        event.preventDefault();
        this.reset();
      });
      this.classList.add("live");
      this.reset();
      this.status.textContent = this.said.textContent;
    }

    // The place of a value of the page in the list that a control offers.
    place(values, name, value) {
      const index = values.findIndex((v) => String(v) === String(Number.isNaN(+value) ? value : +value));
      if (index < 0) throw new Error(`${this.localName}: data-${name} must be one of ${values}`);
      return index;
    }

    reset() {
      for (const [name, index] of Object.entries(this.opening)) this.form[name].value = index;
      this.draw();
    }

    changed() {
      this.draw();
    }

    draw() {
      const settings = {};
      for (const { name, values, shown } of this.controls) {
        const control = this.form[name];
        settings[name] = values[control.value];
        if (!shown) continue;
        control.nextElementSibling.value = shown(settings[name]);
        control.setAttribute("aria-valuetext", plain(settings[name]));
      }
      this.said.textContent = this.redraw(settings);
      // Spoken when the reader pauses.
      clearTimeout(this.pause);
      this.pause = setTimeout(() => (this.status.textContent = this.said.textContent), 400);
    }
  }

  Object.assign(explore, {
    PLOT, LOOKS, FIRST, SECOND, GUIDE, DECAYS, Explorable, contours, show, ladder, slider, choice,
  });
}
