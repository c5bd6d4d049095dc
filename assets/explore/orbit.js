// Collapse, burst and cycle as one orbit of RMSprop on a parabola without noise: the factor
// a of each step against the distance. In units of the rate the curvature plays no part, so
// both are 1 here; epsilon is given as a share of its border, eta h / 2.
"use strict";

{
  const { descend, quadratic, Explorable, LOOKS, SECOND, GUIDE, slider, show } = explore;

  const MEMORIES = 30; // the length of a run, in memories of 1 / (1 - rho) steps
  const RHOS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98];
  const FLOOR = 1e-300;

  // What the step does that has the factor a and ends at the distance x.
  function regime(a, x, epsilon) {
    const size = 0.5 * (1 - epsilon);
    if (Math.abs(a / 2 - 1) < 0.02 && Math.abs(x / size - 1) < 0.02) {
      return `Cycle: a is 2, and x jumps between ±${show(size)}`;
    }
    if (a > 2) return "Burst: to the right of a = 2 the distance grows";
    if (x > 2) return "Walk: steps of about η while v follows the gradients";
    if (a > 1) return "Collapse: between 1 and 2 the distance falls, and x changes sides";
    return "Collapse: to the left of a = 2 the distance falls";
  }

  customElements.define(
    "explore-orbit",
    class extends Explorable {
      panels = ["The orbit in the plane of a and the distance", "The distance over time"];
      controls = [
        slider("time", "Memories", Array.from({ length: 4 * MEMORIES + 1 }, (_, k) => k / 4)),
        slider("rho", "Decay ρ", RHOS),
        slider("epsilon", "ε over ηh/2", [0, 0.1, 0.2, 0.5, 0.8, 0.9, 1.1, 1.5, 2]),
        slider("start", "Start over η", [5, 10, 20, 50, 100]),
      ];

      redraw({ time, rho, epsilon, start }) {
        const [plane, course] = this.drawings;
        const steps = Math.round(MEMORIES / (1 - rho));
        const settings = { eta: 1, rho, epsilon: epsilon / 2, momentum: 0 };
        const run = descend("RMSprop", quadratic([1]), [start], steps, settings);
        const far = run.theta.map(([x]) => Math.max(Math.abs(x), FLOOR));
        const orbit = run.rate.map(([a], k) => [a, far[k + 1]]);
        const now = Math.min(steps, Math.max(1, Math.round(time / (1 - rho))));

        const low = 10 ** Math.floor(Math.log10(Math.min(...far)) - 1);
        const heights = { limits: [low, 1e3], log: true, label: "|x| over η" };
        const most = Math.max(20, ...orbit.map(([a]) => a));
        plane.frame({ limits: [0.005, 2 * most], log: true, label: "a" }, heights);
        const borders = [1, 2].map((a) => plane.line([[a, low], [a, 1e3]], a > 1 ? SECOND : GUIDE));
        const middle = Math.sqrt(low);
        const words = [plane.word(0.05, middle, "collapse")];
        if (epsilon < 1) words.push(plane.word(2, low ** 0.35, "burst"), plane.word(3.2, 0.003, "cycle"));
        plane.put(
          "plot",
          borders.join("") +
            plane.line(orbit, { ...GUIDE, dashes: [] }) +
            plane.line(orbit.slice(0, now), { ...LOOKS.RMSprop, width: 1 }) +
            plane.dots(orbit.slice(0, now), LOOKS.RMSprop, 1.5) +
            plane.dots([orbit[now - 1]], SECOND, 5) +
            words.join(""),
        );
        plane.names([["a = 1", GUIDE], ["a = 2", SECOND]]);

        course.frame({ limits: [0, steps], label: "step t" }, heights);
        const points = far.map((x, t) => [t, x]);
        course.put(
          "plot",
          course.line(points, { ...GUIDE, dashes: [] }) +
            course.line(points.slice(0, now + 1), LOOKS.RMSprop) +
            course.dots([points[now]], SECOND, 5),
        );
        course.names([["RMSprop", LOOKS.RMSprop]]);

        const [a, x] = orbit[now - 1];
        const end = epsilon < 1 ? "" : " As ε is above ηh/2, a stays below 2: RMSprop converges.";
        return (
          `Step ${now}: a = ${show(a)}, |x| = ${show(x)} η. ` +
          `${regime(a, x, epsilon)}. The lowest point of the run is ${show(Math.min(...far))} η.${end}`
        );
      }
    },
  );
}
