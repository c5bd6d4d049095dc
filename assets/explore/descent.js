// Two methods on one landscape, from a start that can be dragged: paths and losses.
"use strict";

{
  const { METHODS, PLOT, descend, quadratic, turned, valley, contours, Explorable } = explore;
  const { DECAYS, LOOKS, ladder, slider, choice, show } = explore;

  // Cosine and sine of 30 degrees as Python computes them
  const [COS, SIN] = [0.8660254037844387, 0.49999999999999994];
  const LANDSCAPES = {
    bowl: { problem: quadratic([100, 1]), start: [1, 10], x: [-3, 3], y: [-4, 12] },
    "turned bowl": {
      problem: turned([100, 1], COS, SIN),
      start: [COS - SIN * 10, SIN + COS * 10],
      x: [-12, 12],
      y: [-4, 12],
    },
    "Rosenbrock valley": { problem: valley, start: [-1.5, 1.5], x: [-2, 2], y: [-1, 3] },
    "noisy bowl": { problem: quadratic([100, 1], 1), start: [1, 10], x: [-3, 3], y: [-4, 12] },
  };
  const SMALLEST = 1e-16; // of the losses that are drawn

  customElements.define(
    "explore-descent",
    class extends Explorable {
      panels = ["Contours of the loss, and the paths", "Loss over time"];
      controls = [
        choice("landscape", "Landscape", Object.keys(LANDSCAPES)),
        slider("steps", "Steps", Array.from({ length: 30 }, (_, k) => 10 * (k + 1))),
        choice("first", "1st method", Object.keys(METHODS)),
        choice("second", "2nd method", Object.keys(METHODS)),
        slider("eta", "1st rate η", ladder(-4, 1)),
        slider("eta2", "2nd rate η", ladder(-4, 1)),
        slider("rho", "Decay ρ", DECAYS),
        slider("epsilon", "Constant ε", [0, ...ladder(-8, 1, [1, 3])]),
        slider("momentum", "Momentum γ", DECAYS.slice(0, 100)),
      ];

      build() {
        super.build();
        if (this.handle) return;
        const [{ svg }] = this.drawings;
        svg.setAttribute("role", "group");
        svg.insertAdjacentHTML(
          "beforeend",
          '<g class="handle" role="slider" tabindex="0" aria-label="Start of the paths, moved by arrow keys">' +
            '<circle class="reach" r="18"/><circle r="6"/></g>',
        );
        this.handle = svg.querySelector(".handle");
        this.handle.addEventListener("keydown", (event) => this.nudge(event));
        this.handle.addEventListener("pointerdown", (event) => {
          this.handle.setPointerCapture(event.pointerId);
        });
        this.handle.addEventListener("pointermove", (event) => this.drag(event));
        this.draw();
      }

      reset() {
        this.start = null;
        super.reset();
      }

      changed(name) {
        if (name === "landscape") this.start = null; // each has a start of its own
        super.changed(name);
      }

      // Arrow keys move the start by a tenth, with the shift key by one.
      nudge(event) {
        const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
        if (!way[event.key]) return;
        event.preventDefault();
        const step = event.shiftKey ? 1 : 0.1;
        this.move(this.start.map((v, i) => Number((v + step * way[event.key][i]).toFixed(9))));
      }

      drag(event) {
        if (!this.handle.hasPointerCapture(event.pointerId)) return;
        const [{ x, y, svg }] = this.drawings;
        const point = new DOMPoint(event.clientX, event.clientY);
        const inside = point.matrixTransform(svg.getScreenCTM().inverse());
        const place = [x.back(inside.x - PLOT.left), y.back(inside.y - PLOT.top)];
        this.move(place.map((v) => Math.round(v * 10) / 10));
      }

      move(start) {
        const { x, y } = this.landscape;
        const within = (value, [low, high]) => Math.min(high, Math.max(low, value));
        this.start = [within(start[0], x), within(start[1], y)];
        this.draw();
      }

      redraw(s) {
        const [plane, losses] = this.drawings;
        const land = (this.landscape = LANDSCAPES[s.landscape]);
        this.start ??= land.start;
        plane.frame({ limits: land.x, label: "x" }, { limits: land.y, label: "y" });
        land.contours ??= contours(land);

        const chosen = [[s.first, s.eta], [s.second, s.eta2]];
        const runs = chosen.map(([method, eta]) =>
          descend(method, land.problem, this.start, s.steps, { ...s, eta }),
        );
        const looks = chosen.map(([method]) => LOOKS[method]);
        // The same method twice: the second one dotted.
        if (s.first === s.second) looks[1] = { ...looks[1], dashes: [1, 1.2] };
        const path = (run, k) =>
          plane.line(run.theta, { ...looks[k], width: 1 }) + plane.dots(run.theta, looks[k], k ? 1.1 : 1.8);
        // The second on top, with an edge, so that it is seen where the first swings across.
        const edge = plane.dots(runs[1].theta, { color: "var(--pst-color-background)" }, 1.9);
        plane.put("ground", land.contours);
        plane.put("plot", path(runs[0], 0) + edge + path(runs[1], 1));
        this.showHandle(plane);

        const seen = runs.map((run) => run.loss.filter((loss) => loss >= SMALLEST && loss < 1e9));
        const least = Math.min(...seen.flat(), 1);
        const most = Math.max(...seen.flat(), 1);
        losses.frame(
          { limits: [0, s.steps], label: "step t" },
          {
            limits: [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most))],
            log: true,
            label: "loss",
          },
        );
        losses.put(
          "plot",
          runs.map((run, k) => losses.line(run.loss.map((f, t) => [t, f]), looks[k])).join(""),
        );
        losses.names(chosen.map(([method], k) => [method, looks[k]]));

        const [a, b] = runs.map((run, k) => {
          const last = run.loss.at(-1);
          const name = `${chosen[k][0]} with η = ${show(chosen[k][1])}`;
          if (last < 1e9) return `${name} has the loss ${show(last)}`;
          const blown = run.loss.some((loss) => loss >= 1e9);
          return `${name} has ${blown ? "diverged" : "divided 0 by 0"}`;
        });
        return (
          `On the ${s.landscape} from (${this.start.map(show).join(", ")}), ` +
          `where the loss is ${show(runs[0].loss[0])}: after ${s.steps} steps ${a}, and ${b}.`
        );
      }

      showHandle(plane) {
        if (!this.handle) return;
        const [x, y] = this.start;
        const place = [PLOT.left + plane.x(x), PLOT.top + plane.y(y)];
        this.handle.setAttribute("transform", `translate(${place.map((p) => p.toFixed(1))})`);
        this.handle.setAttribute("aria-valuemin", this.landscape.x[0]);
        this.handle.setAttribute("aria-valuemax", this.landscape.x[1]);
        this.handle.setAttribute("aria-valuenow", x);
        this.handle.setAttribute("aria-valuetext", `x ${x.toFixed(1)}, y ${y.toFixed(1)}`);
      }
    },
  );
}
