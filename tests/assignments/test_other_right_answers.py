"""Right answers in other words than the reference's: each keeps all of its points.

They are run in this process, as fast as that is; what a student returns still passes through
the grader's plain data.
"""

import contextlib
import io

import numpy as np
import pytest

from assignments.inside.values import packed, unpacked
from assignments.source import FOLDER, Assignment

OTHERS = {
    "01-averages: arrays and closed forms, other types": """
from math import ceil, log

def average(x, rho, initial=0.0):
    if rho < 0 or rho >= 1:
        raise ValueError
    x = np.array(x, dtype=float)
    n = len(x)
    w = (1 - rho) * rho ** np.arange(n)
    return np.convolve(x, w)[:n] + initial * rho ** np.arange(1, n + 1)

def last_average(x, rho, initial=0.0):
    return sum((1 - rho) * rho ** (len(x) - t) * x[t - 1] for t in range(1, len(x) + 1)) + (
        rho ** len(x) * initial
    )

def find_start(x, v_n, rho):
    for entry in reversed(list(x)):
        v_n = (v_n - (1 - rho) * entry) / rho
    return v_n

def find_decay(x, v):
    x, v = np.asarray(x), np.asarray(v)
    clear = np.abs(v[:-1] - x[1:]) > 0.1
    return float(np.median((v[1:] - x[1:])[clear] / (v[:-1] - x[1:])[clear]))

def from_life(steps):
    return np.exp(-np.log(2) / steps)

def from_mean_age(steps):
    return 1 - 1 / (steps + 1)

def from_samples(n):
    return np.array(1 - 2 / (n + 1))

def warm_up(rho, n):
    return [(1 - rho**t) ** 0.5 for t in range(1, n + 1)]

def long_steps(rho, share):
    return np.ceil(np.log(1 - 1 / (1 + share) ** 2) / np.log(rho)) - 1

def data_mean(v, rho, initial):
    return [(v[t] - rho ** (t + 1) * initial) / (1 - rho ** (t + 1)) for t in range(len(v))]

def scatter(v, rho):
    late = v[int(5 // (1 - rho)):]
    return np.std(late, ddof=1) / np.mean(late)

def forecast(x, rho):
    return np.std(x, ddof=1) / np.mean(x) * ((1 - rho) / (1 + rho)) ** 0.5

def possible(half_lives, scatters, factor, steps, accepted):
    most = steps * log(2) / log((factor**2 - 1) / 3)
    lives, noises = np.array(half_lives), np.array(scatters)
    return (lives <= most) & (noises <= accepted)

def my_half_life():
    return 40.0
""",
    "01-averages: searches in place of formulas": """
def find_decay(x, v):
    x, v = np.asarray(x), np.asarray(v)
    tried = np.arange(0.5, 1, 0.0005)
    missed = [np.abs(rho * v[:-1] + (1 - rho) * x[1:] - v[1:]).sum() for rho in tried]
    return tried[np.argmin(missed)]

def find_start(x, v_n, rho):
    with_zero = last_average(x, rho, 0.0)
    return (v_n - with_zero) / (last_average(x, rho, 1.0) - with_zero)

def from_life(steps):
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if middle**steps < 0.5 else (low, middle)
    return low

def long_steps(rho, share):
    return int((1 / warm_up(rho, 100_000) > 1 + share).sum())

def data_mean(v, rho, initial):
    v = np.asarray(v)
    x = (v - rho * np.append(initial, v[:-1])) / (1 - rho)
    return average(x, rho) / (1 - rho ** np.arange(1, len(v) + 1))

def possible(half_lives, scatters, factor, steps, accepted):
    def notices(half_life):
        v, rho = float(factor) ** 2, 0.5 ** (1 / half_life)
        for _ in range(steps):
            v = rho * v + (1 - rho)
        return np.sqrt(v) <= 2
    return [1 if s <= accepted and notices(h) else 0 for h, s in zip(half_lives, scatters)]
""",
    "02-rmsprop-and-adagrad: arrays, loops and a class with lists": """
def rmsprop_step(theta, v, g, eta, rho=0.9, epsilon=1e-8):
    new = v + (1 - rho) * (np.multiply(g, g) - v)
    return np.subtract(theta, eta * g / (new**0.5 + epsilon)), new

def adagrad_step(theta, G, g, eta, epsilon=1e-8):
    new = np.add(G, np.square(g))
    return theta - np.divide(eta, np.sqrt(new) + epsilon) * g, new

def descend(step, start, steps, eta):
    points = np.empty((steps + 1, 2))
    points[0], state = start, np.zeros(2)
    for t in range(steps):
        x, y = points[t]
        points[t + 1], state = step(points[t], state, np.array([100 * x, y]), eta)
    return points

def losses(points):
    return [(100 * x**2 + y**2) / 2 for x, y in points]

def settled(points, radius):
    first = None
    for number, (x, y) in enumerate(points):
        if x * x + y * y > radius * radius:
            first = None
        elif first is None:
            first = number
    return first

def bridge(t, m, eta, epsilon):
    n = m + t
    return np.array([(n - 1) / n, eta * n**-0.5, epsilon * n**-0.5])

def rates(method, gradients, eta):
    theta, state, found = 0.0, 0.0, []
    for g in gradients:
        step = rmsprop_step if method == "rmsprop" else adagrad_step
        new, state = step(theta, state, g, eta)
        found.append(-(new - theta) / g)
        theta = 0.0
    return found

def audit(method, gradients, eta, table):
    used = [f"{rate:.3e}" for rate in rates(method, gradients, eta)]
    shown = [f"{rate:.3e}" for rate in table]
    if shown == used:
        return "right"
    return "late" if shown[1:] == used[:-1] else "wrong"

def recovery(method, factor, burst, limit):
    state = 1 - 0.9**100 if method == "rmsprop" else 100.0
    goal = 2 * np.sqrt(state)
    for step in range(burst + limit):
        g = factor if step < burst else 1.0
        state = 0.9 * state + 0.1 * g**2 if method == "rmsprop" else state + g**2
        if step >= burst and np.sqrt(state) <= goal:
            return float(step - burst + 1)

class RMSprop:
    def __init__(self, eta, rho=0.9, epsilon=1e-8):
        self.how, self.v = (eta, rho, epsilon), None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: 0 * value for key, value in params.items()}
        new = {key: value.copy() for key, value in params.items()}
        for key in grads:
            new[key], self.v[key] = rmsprop_step(params[key], self.v[key], grads[key], *self.how)
        return new
""",
    "03-safe-centering: tensors in place, and the recursion of the variance": """
class RMSprop(torch.optim.Optimizer):
    def __init__(self, params, **options):
        usual = dict(lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0)
        usual |= dict(centered=False, decoupled=False, floor=0.0)
        super().__init__(params, usual | options)

    def step(self, closure=None):
        loss = None if closure is None else closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in [p for p in group["params"] if p.grad is not None]:
                    self.one(p, group)
        return loss

    def one(self, p, group):
        g, s, a = p.grad.clone(), self.state[p], group["alpha"]
        if len(s) == 0:
            s["count"] = 0
            s["scatter" if group["centered"] else "square"] = torch.zeros_like(p)
            if group["centered"]:
                s["mean"] = torch.zeros_like(p)
            if group["momentum"] > 0:
                s["buffer"] = torch.zeros_like(p)
        s["count"] += 1
        if group["decoupled"]:
            p.mul_(1 - group["lr"] * group["weight_decay"])
        else:
            g.add_(p, alpha=group["weight_decay"])
        if group["centered"]:
            s["scatter"].add_((g - s["mean"]).square(), alpha=1 - a).mul_(a)
            s["mean"].lerp_(g, 1 - a)
            root = torch.sqrt(s["scatter"] + group["floor"] * s["mean"] * s["mean"])
        else:
            s["square"].mul_(a).addcmul_(g, g, value=1 - a)
            root = s["square"].sqrt()
        root.add_(group["eps"])
        if group["momentum"] > 0:
            s["buffer"].mul_(group["momentum"]).addcdiv_(g, root)
            p.add_(s["buffer"], alpha=-group["lr"])
        else:
            p.addcdiv_(g, root, value=-group["lr"])
""",
    "04-fair-experiment: NumPy along axes, recursion, other types": """
def score(method, eta, seed, steps=200):
    losses = descend(METHODS[method](eta), BOWL, START, steps, seed=seed).loss
    mean = np.mean(losses[steps + 1 - steps // 4 :])
    return np.nan_to_num(mean, nan=np.inf, posinf=np.inf)

def best(scores):
    medians = []
    for row in scores:
        row = sorted(np.inf if s != s else s for s in row)
        n = len(row)
        medians.append(row[n // 2] if n % 2 else (row[n // 2 - 1] + row[n // 2]) / 2)
    return float(medians.index(min(medians)))

def tune(method, ks, seeds, steps=200):
    ks = np.array(ks, float)
    medians = [np.median([score(method, rate(k), s, steps) for s in seeds]) for k in ks]
    row = np.argmin(medians)
    if 0 < row < len(ks) - 1:
        return ks[row]
    more = ks[0] - [2, 1] if row == 0 else ks[-1] + [1, 2]
    return tune(method, np.sort([*ks, *more]), seeds, steps)

def play(method, ks, tuning, judging, steps=200):
    k = tune(method, ks, tuning, steps)
    return np.median([score(method, rate(k), seed, steps) for seed in judging])

def null(method, ks, first, again, steps=200):
    one = play(method, ks, first[0], first[1], steps)
    two = play(method, np.add(ks, 0.5), again[0], again[1], steps)
    return np.log(two) - np.log(one)

def half_width(moved):
    return STUDENT[len(moved)] * np.linalg.norm(moved) / len(moved) ** 0.5

def compare(loss, other, moved):
    logarithm, wide = np.log(loss / other), half_width(moved)
    return np.exp([logarithm, logarithm - wide, logarithm + wide])

def verdict(ratio, low, high):
    if low <= 1 <= high or 1 / 1.1 < ratio < 1.1:
        return "undecided"
    return "less" if ratio < 1 else "more"
""",
}


def run(codes):
    space = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for code in codes:
            exec(code, space)
    return space


def over_the_wire(function):
    def call(*arguments, **options):
        arguments, options = unpacked(packed([list(arguments), options]))
        return unpacked(packed(function(*arguments, **options)))

    return call


@pytest.mark.parametrize("title", OTHERS)
def test_another_right_answer_keeps_its_points(title):
    assignment = Assignment(title.partition(":")[0])
    theirs = run([*assignment.setup(hidden=False), *assignment.answers, OTHERS[title]])
    space = run(assignment.setup(hidden=True))
    space |= {name: over_the_wire(theirs[name]) for name in assignment.functions}
    for seed in range(3):
        for number, (code, _) in enumerate(assignment.checks):
            exec(code, space | {"rng": np.random.default_rng([seed, number])})


def test_each_assignment_has_another_right_answer():
    assert {title.partition(":")[0] for title in OTHERS} == {p.stem for p in FOLDER.glob("0*.md")}
