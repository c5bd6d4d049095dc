// Exponential weights: what an average remembers, for how long, and what its start costs.
"use strict";

{
  const { averages, Explorable, DECAYS, FIRST, SECOND, GUIDE, slider, show } = explore;

  // The axes follow rho in steps, so that a small change is seen as a change of the curve.
  const AGES = [10, 20, 40, 100, 200, 400, 1000, 2000, 4000];
  const HEIGHTS = [0.0012, 0.0025, 0.006, 0.012, 0.025, 0.06, 0.12, 0.25, 0.6, 1.2];

  customElements.define(
    "explore-weights",
    class extends Explorable {
      panels = ["Weight of a square by its age", "Share of the data in the average by step"];
      controls = [slider("rho", "Decay ρ", DECAYS)];

      redraw({ rho }) {
        const [weights, start] = this.drawings;
        const most = Math.log(0.05) / Math.log(rho);
        const half = averages.halfLife(rho);
        const samples = averages.effectiveSamples(rho);
        const ages = AGES.find((n) => n >= 1.2 * most) ?? AGES.at(-1);
        const top = HEIGHTS.find((w) => w > 1 - rho);

        weights.frame(
          { limits: [-ages / 40, ages], label: "age k in steps" },
          { limits: [0, top], label: "weight" },
        );
        const all = averages.weights(rho, ages + 1).map((w, k) => [k, w]);
        const tall = ages <= 100 ? weights.bars(all, { ...FIRST, width: 220 / ages }) : weights.line(all, FIRST);
        const box = [[-0.5, 0], [-0.5, 1 / samples], [samples - 0.5, 1 / samples], [samples - 0.5, 0]];
        const marks = [
          ["half-life", half, 0.9],
          ["mean age", averages.meanAge(rho), 0.75],
        ].map(([name, age, share]) => {
          const height = share * (1 - rho);
          const right = age > 0.62 * ages;
          return (
            weights.line([[age, 0], [age, height]], { ...GUIDE, dashes: [] }) +
            weights.word(age, height, name, right ? 'text-anchor="end" dx="-8"' : "")
          );
        });
        weights.put("plot", tall + weights.line(box, SECOND) + marks.join(""));
        weights.names([["weights", FIRST], [`plain mean of ${show(samples)}`, SECOND]]);

        start.frame(
          { limits: [0, ages], label: "step t, after a start at 0" },
          { limits: [0, 1.1], label: "share of the data, 1 − ρᵗ" },
        );
        const steps = Array.from({ length: 101 }, (_, k) => (k * ages) / 100);
        start.put(
          "plot",
          start.line([[0, 1], [ages, 1]], GUIDE) +
            start.line(steps.map((t) => [t, averages.mass(rho, t)]), FIRST) +
            start.dots([[1, averages.mass(rho, 1)], [most, 0.95]], FIRST, 4) +
            start.word(most, 0.95, "95 %", 'dy="8"'),
        );

        return (
          `With ρ = ${rho} a weight has halved after ${show(half)} steps. ` +
          `The mean age is ${show(averages.meanAge(rho))} steps, and the average is as steady ` +
          `as a plain mean of ${show(samples)} entries. ` +
          `From a start at 0, the data have ${show(100 * (1 - rho))} % of the weight after one step, ` +
          `so the first step of RMSprop is ${show(1 / Math.sqrt(1 - rho))} times η; ` +
          `they have 95 % after ${show(most)} steps.`
        );
      }
    },
  );
}
