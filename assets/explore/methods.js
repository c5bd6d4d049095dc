// The mathematics of the explorable figures. Every line keeps the order of operations of
// the Python package, so that both give the same numbers: tests/site/test_explore.py compares.
"use strict";

globalThis.explore = (() => {
  // What each method does to one coordinate: the gradient g and the state s (changed in
  // place) give the move and the divisor. The options o have the names of the notation
  // page in words; for Adam, momentum is beta_1 and rho is beta_2.
  const METHODS = {
    SGD(g, s, o) {
      if (o.momentum) g = s.buffer = o.momentum * s.buffer + g;
      return [o.eta * g, 1];
    },
    AdaGrad(g, s, o) {
      s.square = s.square + g * g;
      const divisor = Math.sqrt(s.square) + o.epsilon;
      return [o.eta * (g / divisor), divisor];
    },
    RMSprop(g, s, o) {
      s.square = o.rho * s.square + (1 - o.rho) * (g * g);
      return scaled(g, s, o, s.square);
    },
    centered(g, s, o) {
      s.square = o.rho * s.square + (1 - o.rho) * (g * g);
      s.mean = o.rho * s.mean + (1 - o.rho) * g;
      return scaled(g, s, o, Math.max(s.square - s.mean * s.mean, 0));
    },
    Adam(g, s, o) {
      s.mean = o.momentum * s.mean + (1 - o.momentum) * g;
      s.square = o.rho * s.square + (1 - o.rho) * (g * g);
      s.weight1 = o.momentum * s.weight1;
      s.weight2 = o.rho * s.weight2;
      const divisor = Math.sqrt(s.square / (1 - s.weight2)) + o.epsilon;
      return [o.eta * (s.mean / (1 - s.weight1) / divisor), divisor];
    },
  };

  function scaled(g, s, o, v) {
    const divisor = Math.sqrt(v) + o.epsilon;
    let move = g / divisor;
    if (o.momentum) move = s.buffer = o.momentum * s.buffer + move;
    return [o.eta * move, divisor];
  }

  const fresh = () => ({ square: 0, mean: 0, buffer: 0, weight1: 1, weight2: 1 });

  // Noise that is the same number on every machine: twelve uniform integers, summed,
  // have the mean 6 and the variance 1 in units of 2^32, and are close to normal. The
  // integers are those of xorshift32 (Marsaglia 2003, Journal of Statistical Software 8).
  const drawn = [];
  let word = 2463534242;
  function normals(n) {
    while (drawn.length < n) {
      let sum = 0;
      for (let k = 0; k < 12; k++) {
        word ^= word << 13;
        word ^= word >>> 17;
        word ^= word << 5;
        sum += word >>> 0;
      }
      drawn.push(sum / 2 ** 32 - 6);
    }
    return drawn;
  }

  // Run a method from the start and keep every step: theta, loss and effective rate.
  function descend(method, problem, start, steps, o) {
    const noise = problem.noise ? normals(steps * start.length) : [];
    const states = start.map(fresh);
    let here = start;
    const run = { theta: [here], loss: [problem.loss(here)], rate: [] };
    for (let t = 0; t < steps; t++) {
      const slope = problem.gradient(here);
      const next = [];
      const rates = [];
      for (let i = 0; i < here.length; i++) {
        let g = slope[i];
        if (problem.noise) g = g + problem.noise * noise[t * here.length + i];
        const [move, divisor] = METHODS[method](g, states[i], o);
        next.push(here[i] - move);
        rates.push(o.eta / divisor);
      }
      here = next;
      run.theta.push(here);
      run.loss.push(problem.loss(here));
      run.rate.push(rates);
    }
    return run;
  }

  // f = (h_1 x^2 + h_2 y^2 + ...) / 2
  const quadratic = (curvature, noise = 0) => ({
    noise,
    gradient: (theta) => theta.map((x, i) => curvature[i] * x),
    loss: (theta) => 0.5 * theta.reduce((sum, x, i) => sum + x * (curvature[i] * x), 0),
  });

  // The quadratic in the plane, turned counterclockwise by the angle of cosine c and sine s.
  function turned([h1, h2], c, s) {
    const xx = c * h1 * c + s * h2 * s;
    const xy = c * h1 * s - s * h2 * c;
    const yy = s * h1 * s + c * h2 * c;
    const gradient = ([x, y]) => [xx * x + xy * y, xy * x + yy * y];
    const loss = ([x, y]) => 0.5 * (x * (xx * x + xy * y) + y * (xy * x + yy * y));
    return { noise: 0, gradient, loss };
  }

  // Rosenbrock's valley, f = (1 - x)^2 + 100 (y - x^2)^2
  const valley = {
    noise: 0,
    gradient([x, y]) {
      const off = y - x * x;
      return [-2 * (1 - x) - 400 * x * off, 200 * off];
    },
    loss([x, y]) {
      const off = y - x * x;
      return (1 - x) * (1 - x) + 100 * (off * off);
    },
  };

  // Gradients of size 1 and alternating sign, `factor` times as large in the middle:
  // the length of each step and the effective rate.
  function jump(method, { before, during, after, factor }, o) {
    const state = fresh();
    const run = { length: [], rate: [] };
    for (let t = 0; t < before + during + after; t++) {
      const size = t < before || t >= before + during ? 1 : factor;
      const [move, divisor] = METHODS[method](t % 2 ? -size : size, state, o);
      run.length.push(Math.abs(move));
      run.rate.push(o.eta / divisor);
    }
    return run;
  }

  // Where RMSprop settles on h x^2 / 2 with gradient noise sigma, for rho near 1: with v
  // frozen at r^2 and a = eta h / (r + epsilon), the balance is r^2 (2 - a) = 2 sigma^2.
  // Its left side grows with r from 0 at r = eta h / 2 - epsilon, so we bisect. Returned
  // is the root mean square of x, r sqrt(a / 2) / h.
  function amplitude(eta, epsilon, sigma, h) {
    let low = Math.max(0, (eta * h) / 2 - epsilon);
    let high = low + eta * h + 2 * sigma;
    for (let k = 0; k < 60; k++) {
      const r = (low + high) / 2;
      if (r * r * (2 - (eta * h) / (r + epsilon)) < 2 * sigma * sigma) low = r;
      else high = r;
    }
    return (low * Math.sqrt((eta * h) / (low + epsilon) / 2)) / h || 0;
  }

  // The averages of rmsprop.averages
  const averages = {
    weights: (rho, n) => Array.from({ length: n }, (_, k) => (1 - rho) * rho ** k),
    mass: (rho, n) => 1 - rho ** n,
    halfLife: (rho) => Math.log(0.5) / Math.log(rho),
    meanAge: (rho) => rho / (1 - rho),
    effectiveSamples: (rho) => (1 + rho) / (1 - rho),
  };

  return { METHODS, normals, descend, quadratic, turned, valley, jump, amplitude, averages };
})();
