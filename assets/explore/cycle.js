// Where RMSprop settles on a parabola: a run, and the law for its amplitude.
"use strict";

{
  const { descend, quadratic, amplitude, Explorable, LOOKS, SECOND, GUIDE } = explore;
  const { DECAYS, ladder, slider, show } = explore;

  const STEPS = 4000; // the last 3000 are measured, the last 120 are drawn
  const START = 1;
  const RATIOS = ladder(-2, 2, [1, 1.5, 2, 3, 5, 7]);

  customElements.define(
    "explore-cycle",
    class extends Explorable {
      panels = ["The end of a run", "Root mean square against the noise"];
      controls = [
        slider("eta", "Rate η", ladder(-2, 0)),
        slider("epsilon", "Constant ε", [0, ...ladder(-3, 0, [1, 1.5, 2, 3, 4, 5, 6, 8])]),
        slider("sigma", "Noise σ", [0, ...ladder(-3, 1)]),
        slider("rho", "Decay ρ", DECAYS),
      ];

      redraw({ eta, epsilon, sigma, rho }) {
        const [end, law] = this.drawings;
        const settings = { eta, epsilon, rho, momentum: 0 };
        const run = descend("RMSprop", quadratic([1], sigma), [START], STEPS, settings);
        const x = run.theta.map(([x]) => x);
        const late = x.slice(-3000);
        const measured = Math.sqrt(late.reduce((sum, value) => sum + value * value, 0) / 3000);
        const expected = amplitude(eta, epsilon, sigma, 1);

        const last = x.slice(-121).map((value, k) => [STEPS - 120 + k, value]);
        const peak = Math.max(...last.map(([, value]) => Math.abs(value))); // NaN after 0/0
        const reach = 1.1 * Math.max(peak || 0, eta);
        end.frame(
          { limits: [STEPS - 120, STEPS], label: "step t" },
          { limits: [-reach, reach], label: "x" },
        );
        const bands = [expected, -expected].map((y) =>
          end.line([[STEPS - 120, y], [STEPS, y]], SECOND),
        );
        const thin = { ...LOOKS.RMSprop, width: 0.8 };
        end.put("plot", end.line(last, thin) + end.dots(last, LOOKS.RMSprop) + bands.join(""));
        end.names([["RMSprop", thin], ["± the law", SECOND]]);

        law.frame(
          { limits: [0.01, 100], log: true, label: "σ / (η h), with h = 1" },
          { limits: [0.01, 20], log: true, label: "rms of x, over η" },
        );
        const curve = (epsilon) =>
          RATIOS.map((q) => [q, amplitude(eta, epsilon, q * eta, 1) / eta]);
        law.put(
          "plot",
          law.line(curve(0), GUIDE) +
            law.line(curve(epsilon), SECOND) +
            law.dots([[Math.max(sigma / eta, 0.01), measured / eta]], LOOKS.RMSprop, 5),
        );
        law.names([["law for ε = 0", GUIDE], ["for this ε", SECOND]]);

        const half = `η/2 = ${show(eta / 2)}`;
        const border =
          sigma > 0 ? ""
            : epsilon >= eta / 2 ? ` Without noise and with ε at or above ${half} it tends to 0.`
              : peak > expected / 100 ? ` Without noise and with ε below ${half} it cycles.`
                : Number.isNaN(peak) ? " It has divided 0 by 0."
                  : " Here it has come too near to 0 to cycle.";
        return (
          `The root mean square of x over the last 3000 steps is ${show(measured)}; ` +
          `the law says ${show(expected)}.${border}`
        );
      }
    },
  );
}
