// Steps and effective rates of three methods while the size of the gradient jumps.
"use strict";

{
  const { jump, Explorable, LOOKS, GUIDE, DECAYS, ladder, slider, show } = explore;

  const BEFORE = 100;
  const AFTER = 200;
  const RATES = { SGD: 1, AdaGrad: 10, RMSprop: 1 };

  customElements.define(
    "explore-jump",
    class extends Explorable {
      panels = ["Length of a step over time", "Effective rate over time"];
      controls = [
        slider("factor", "Jump to", ladder(-3, 3)),
        slider("during", "Jump length", [1, 2, 5, ...Array.from({ length: 20 }, (_, k) => 10 * (k + 1))]),
        slider("rho", "Decay ρ", DECAYS),
      ];

      redraw({ factor, during, rho }) {
        const [lengths, rates] = this.drawings;
        const phases = { before: BEFORE, during, after: AFTER, factor };
        const names = Object.keys(RATES);
        const runs = names.map((method) =>
          jump(method, phases, { eta: RATES[method], rho, epsilon: 1e-8, momentum: 0 }),
        );
        const time = { limits: [0, BEFORE + during + AFTER], label: "step t" };
        for (const [panel, kind, label, edges] of [
          [lengths, "length", "length of the step", [1e-3, 1e3]],
          [rates, "rate", "effective rate", [1e-4, 1e4]],
        ]) {
          panel.frame(time, { limits: edges, log: true, label });
          const ends = [BEFORE, BEFORE + during].map((t) =>
            panel.line([[t + 0.5, edges[0]], [t + 0.5, edges[1]]], GUIDE),
          );
          const lines = runs.map((run, k) =>
            panel.line(run[kind].map((value, t) => [t + 1, value]), LOOKS[names[k]]),
          );
          panel.put("plot", ends.join("") + lines.join(""));
        }
        rates.names(names.map((name) => [name, LOOKS[name]]));

        const [, adagrad, rms] = runs.map((run) => run.length);
        const end = BEFORE + during;
        const away = (step) => step < Math.SQRT1_2 || step > Math.SQRT2;
        const back = rms.slice(end).findLastIndex(away) + 1;
        const recovery =
          back === 0 ? "are never far from η again"
            : back === AFTER ? `are not back within ${AFTER} steps`
              : `are back within a factor of √2 of η after ${back} steps`;
        return (
          `The gradients jump from 1 to ${show(factor)} for ${during} step${during > 1 ? "s" : ""}. ` +
          `Then RMSprop's steps ${recovery}; their extremes are ${show(Math.min(...rms))} and ` +
          `${show(Math.max(...rms))}. AdaGrad's last step is ${show(adagrad.at(-1))}, ` +
          `gradient descent's steps were ${show(factor)} during the jump.`
        );
      }
    },
  );
}
