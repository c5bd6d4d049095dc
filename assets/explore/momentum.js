// RMSprop on the bowl with and without momentum, at the same travelling speed.
"use strict";

{
  const { descend, quadratic, contours, Explorable, LOOKS, SECOND } = explore;
  const { DECAYS, ladder, slider, show } = explore;

  const CURVATURE = [100, 1];
  const START = [4, 10];
  const DRAWN = 400; // steps; the last LATE of STEPS are measured
  const STEPS = 2000;
  const LATE = 1000;
  const SMALLEST = 1e-16; // of the losses that are drawn
  const LAND = { problem: quadratic(CURVATURE), x: [-3, 6], y: [-4, 11] };

  customElements.define(
    "explore-momentum",
    class extends Explorable {
      panels = ["Contours of the loss, and the paths", "Loss over time"];
      controls = [
        slider("gamma", "Momentum γ", DECAYS.slice(0, 100)),
        slider("speed", "Speed", ladder(-2, 0)),
        slider("rho", "Decay ρ", DECAYS),
        slider("sigma", "Noise σ", [0, ...ladder(-1, 2)]),
      ];

      redraw({ gamma, speed, rho, sigma }) {
        const [plane, losses] = this.drawings;
        const problem = quadratic(CURVATURE, sigma);
        const runs = [0, gamma].map((momentum) =>
          descend("RMSprop", problem, START, STEPS, {
            eta: speed * (1 - momentum),
            rho,
            epsilon: 1e-8,
            momentum,
          }),
        );
        const looks = [LOOKS.RMSprop, SECOND];

        plane.frame({ limits: LAND.x, label: "x" }, { limits: LAND.y, label: "y" });
        LAND.contours ??= contours(LAND);
        plane.put("ground", LAND.contours);
        const thin = runs.map((run, k) =>
          plane.line(run.theta.slice(0, DRAWN + 1), { ...looks[k], width: 1.2 }),
        );
        plane.put("plot", thin.join(""));

        const early = runs.map((run) => run.loss.slice(0, DRAWN + 1));
        const seen = early.flat().filter((loss) => loss >= SMALLEST && loss < 1e9);
        losses.frame(
          { limits: [0, DRAWN], label: "step t" },
          {
            limits: [
              10 ** Math.floor(Math.log10(Math.min(...seen, 1))),
              10 ** Math.ceil(Math.log10(Math.max(...seen, 1))),
            ],
            log: true,
            label: "loss",
          },
        );
        losses.put(
          "plot",
          early.map((loss, k) => losses.line(loss.map((f, t) => [t, f]), looks[k])).join(""),
        );
        losses.names([["γ = 0", looks[0]], [`γ = ${gamma}`, looks[1]]]);

        // The mean loss of one coordinate at the end of a run
        const part = (run, i) =>
          run.theta.slice(-LATE).reduce((sum, x) => sum + 0.5 * CURVATURE[i] * x[i] * x[i], 0) / LATE;
        const told = ([i, name]) =>
          `in the ${name} coordinate from ${show(part(runs[0], i))} to ${show(part(runs[1], i))}`;
        const parts = [[0, "steep"], [1, "flat"]].map(told);
        return (
          `Momentum γ = ${gamma} at the speed ${show(speed)} takes the mean loss of steps ` +
          `${STEPS - LATE + 1} to ${STEPS} ${parts.join(", and ")}.`
        );
      }
    },
  );
}
