"""The explorable figures compute what the package computes, and open as their pages say."""

import gzip
import json
from types import SimpleNamespace

import numpy as np
import pytest
import quickjs
from docutils import nodes
from docutils.utils import new_document
from hypothesis import given, settings
from hypothesis import strategies as st

from book import figures
from book.pages import PAGES, ROOT
from rmsprop import SGD, AdaGrad, Adam, RMSprop, averages, descend
from rmsprop.plotting import LOOKS
from rmsprop.problems import Quadratic, Rosenbrock

FOLDER = ROOT / "assets/explore"
USES = [
    (page, cell.metadata["explorable"])
    for page in PAGES
    for cell in page.cells
    if "explorable" in cell.metadata
]

KINDS = sorted({asked["kind"] for _, asked in USES})

# As much of a browser as the scripts need to be read
STUB = """
globalThis.HTMLElement = class {};
const elements = {};
globalThis.customElements = { define: (name, element) => (elements[name] = element) };
"""

METHODS = {
    "SGD": lambda o: SGD(o["eta"], o["momentum"]),
    "AdaGrad": lambda o: AdaGrad(o["eta"], o["epsilon"]),
    "RMSprop": lambda o: RMSprop(o["eta"], o["rho"], o["epsilon"], momentum=o["momentum"]),
    "centered": lambda o: RMSprop(
        o["eta"], o["rho"], o["epsilon"], momentum=o["momentum"], centered=True
    ),
    "Adam": lambda o: Adam(o["eta"], o["momentum"], o["rho"], o["epsilon"]),
}
each_method = pytest.mark.parametrize("method", METHODS)

SETTINGS = {
    "plain": {"eta": 0.1, "rho": 0.9, "epsilon": 1e-8, "momentum": 0.0},
    "momentum": {"eta": 0.01, "rho": 0.99, "epsilon": 0.03, "momentum": 0.9},
    "no memory": {"eta": 0.5, "rho": 0.0, "epsilon": 1.0, "momentum": 0.0},
    "no epsilon": {"eta": 0.003, "rho": 0.999, "epsilon": 0.0, "momentum": 0.5},
}


def script(*names):
    """Return an engine that has read the scripts of these names."""
    engine = quickjs.Context()
    engine.eval(STUB)
    for name in names:
        engine.eval((FOLDER / f"{name}.js").read_text("utf8"))
    return engine


ENGINE = script("methods", "draw", *KINDS)


NAMES = ", ".join(json.loads(ENGINE.eval("JSON.stringify(Object.keys(explore))")))


def js(expression, **values):
    """Evaluate an expression of the scripts; the values have names in it."""
    constants = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
    body = f"const {{ {NAMES} }} = explore; {constants} return JSON.stringify({expression});"
    return json.loads(ENGINE.eval(f"(() => {{ {body} }})()"))


def both(method, o, start, steps, landscape, problem):
    """Run a method in JavaScript and in Python."""
    call = f"descend(method, {landscape}, start, steps, o)"
    ours = js(call, method=method, o=o, start=start, steps=steps)
    return ours, descend(METHODS[method](o), problem, np.array(start), steps)


def assert_same(ours, theirs):
    """Hold two runs together, bit by bit."""
    for name in ("theta", "loss", "rate"):
        np.testing.assert_array_equal(np.array(ours[name], float), getattr(theirs, name), name)


@each_method
@pytest.mark.parametrize("o", SETTINGS.values(), ids=SETTINGS)
def test_paths_on_the_bowl_are_those_of_the_package(method, o):
    if method in ("SGD", "centered"):  # else it may diverge
        o = {**o, "eta": o["eta"] / 100}
    assert_same(*both(method, o, [1.0, 10.0], 300, "quadratic([100, 1])", Quadratic([100, 1])))


@each_method
@settings(deadline=None, max_examples=30)
@given(
    eta=st.floats(1e-4, 10),
    rho=st.floats(0, 0.999),
    epsilon=st.floats(1e-8, 10),
    momentum=st.floats(0, 0.99),
    start=st.floats(-5, 5),
)
def test_paths_on_a_parabola_are_those_of_the_package(method, eta, rho, epsilon, momentum, start):
    if method == "SGD":  # else it may diverge
        eta = eta / 20
    if method == "centered":
        epsilon = epsilon + 2 * eta
    o = {"eta": eta, "rho": rho, "epsilon": epsilon, "momentum": momentum}
    assert_same(*both(method, o, [start], 60, "quadratic([3])", Quadratic([3])))


@each_method
def test_paths_in_the_valley_are_those_of_the_package(method):
    o = {**SETTINGS["plain"], "eta": 0.0005 if method == "SGD" else 0.02}
    ours = js("descend(method, valley, [-1.5, 1.5], 300, o)", method=method, o=o)
    # A second axis has NumPy square as x * x, and not by a power function.
    run = descend(METHODS[method](o), Rosenbrock(), np.array([[-1.5], [1.5]]), 300)
    np.testing.assert_array_equal(np.array(ours["theta"]), run.theta[..., 0])
    np.testing.assert_allclose(ours["loss"], run.loss[..., 0], rtol=1e-15)


def test_turned_bowl_is_that_of_the_package():
    cosine, sine = np.cos(np.radians(30)), np.sin(np.radians(30))
    assert f"[{cosine}, {sine}]" in (FOLDER / "descent.js").read_text("utf8")
    bowl = Quadratic([100, 1], angle=np.radians(30))
    for x, y in np.random.default_rng(0).uniform(-10, 10, (20, 2)):
        land = "turned([100, 1], c, s)"
        values = {"c": cosine, "s": sine, "place": [x, y]}
        theta = np.array([x, y])
        # The package multiplies matrices, whose sums may be rounded differently.
        np.testing.assert_allclose(
            js(f"{land}.gradient(place)", **values), bowl.gradient(theta), rtol=0, atol=2e-13
        )
        assert np.isclose(js(f"{land}.loss(place)", **values), bowl.loss(theta), rtol=1e-11)


def integers(n):
    """Yield what xorshift32 gives, from the seed of the scripts."""
    word = 2463534242
    for _ in range(n):
        word ^= word << 13 & 0xFFFFFFFF
        word ^= word >> 17
        word ^= word << 5 & 0xFFFFFFFF
        yield word


def noise(n):
    """Return the noise of the scripts."""
    sums = np.fromiter(integers(12 * n), float).reshape(n, 12).sum(axis=1)
    return sums / 2**32 - 6


class Noisy(Quadratic):
    """A bowl with the noise of the scripts."""

    def __init__(self, curvature, sigma, steps):
        super().__init__(curvature)
        self.draws = iter(sigma * noise(steps * len(curvature)).reshape(steps, -1))

    def gradient(self, theta, rng):
        """Return the gradient with the next noise."""
        return super().gradient(theta) + next(self.draws)


def test_noise_is_the_same_in_both_and_nearly_normal():
    xi = np.array(js("normals(20000)"))
    np.testing.assert_array_equal(xi[:20000], noise(20000))
    assert abs(xi.mean()) < 0.02 and abs(xi.var() - 1) < 0.03
    assert abs(np.mean(xi**3)) < 0.05 and abs(np.mean(xi**4) - 2.9) < 0.1
    for lag in (1, 2, 3):
        assert abs(np.mean(xi[lag:] * xi[:-lag])) < 0.02


@each_method
def test_noisy_paths_are_those_of_the_package(method):
    o = {**SETTINGS["plain"], "eta": 0.005}
    ours = js("descend(method, quadratic([100, 1], 0.5), [1, 10], 200, o)", method=method, o=o)
    run = descend(METHODS[method](o), Noisy([100, 1], 0.5, 200), np.array([1.0, 10.0]), 200)
    assert_same(ours, run)


@pytest.mark.parametrize("method", ["SGD", "AdaGrad", "RMSprop"])
@pytest.mark.parametrize("factor", [1e-3, 1, 100])
def test_jumps_are_those_of_the_package(method, factor):
    o = SETTINGS["plain"]
    phases = {"before": 20, "during": 15, "after": 30, "factor": factor}
    ours = js("jump(method, phases, o)", method=method, phases=phases, o=o)
    optimizer = METHODS[method](o)
    sizes = np.repeat([1.0, factor, 1.0], [20, 15, 30]) * (-1) ** np.arange(65)
    for t, g in enumerate(sizes):
        step = optimizer.update(np.zeros(1), np.array([g]))
        assert abs(step[0]) == ours["length"][t]
        assert optimizer.effective_rate[0] == ours["rate"][t]


@pytest.mark.parametrize("rho", [0, 0.5, 0.9, 0.99, 0.999])
def test_averages_are_those_of_the_package(rho):
    # Powers and logarithms differ in the last digit from one library to the next.
    close = {"rtol": 1e-14, "atol": 0}
    np.testing.assert_allclose(
        js("averages.weights(rho, 50)", rho=rho), averages.weights(rho, 50), **close
    )
    for n in (0, 1, 7.5, 40):
        np.testing.assert_allclose(
            js("averages.mass(rho, n)", rho=rho, n=n), averages.mass(rho, n), rtol=1e-12, atol=0
        )
    np.testing.assert_allclose(
        js("averages.halfLife(rho)", rho=rho), averages.half_life(rho), **close
    )
    assert js("averages.meanAge(rho)", rho=rho) == averages.mean_age(rho)
    assert js("averages.effectiveSamples(rho)", rho=rho) == averages.effective_samples(rho)


@pytest.mark.parametrize("eta", [0.01, 0.1, 1])
@pytest.mark.parametrize("h", [1, 3])
def test_law_has_its_limits(eta, h):
    def law(epsilon, sigma):
        return js("amplitude(eta, epsilon, sigma, h)", eta=eta, epsilon=epsilon, sigma=sigma, h=h)

    border = eta * h / 2
    for epsilon in (0, 0.3 * border, border, 2 * border):
        assert np.isclose(law(epsilon, 0), max(0, eta / 2 - epsilon / h), rtol=1e-12, atol=1e-15)
    for sigma in (1e-3, border, 10):
        square = eta**2 / 8 * (1 + np.sqrt(1 + 16 * sigma**2 / (eta * h) ** 2))
        assert np.isclose(law(0, sigma), np.sqrt(square), rtol=1e-12)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.1, "0.1"), (-1.5, "−1.5"), (19, "19"), (6.5788, "6.58"), (1234.5, "1235")]
    + [(1e-8, "10⁻⁸"), (2.5e-16, "2.5·10⁻¹⁶"), (0.00999, "0.00999"), (1e6, "10⁶")]
    + [(float("nan"), "no number"), (float("inf"), "∞")],
)
def test_numbers_are_shown_with_three_digits(value, shown):
    assert js("show(value)", value=value) == shown


def said(kind, **state):
    """Return the sentence of a figure in a state, and the limits of its axes."""
    return js(
        """(() => {
            const limits = [];
            const get = (_, part) => (...axes) => {
                if (part === "frame") limits.push(...axes.flatMap((axis) => axis.limits));
                return "";
            };
            const panel = new Proxy({}, { get });
            const figure = { drawings: [panel, panel], start: state.start, showHandle() {} };
            return [elements[name].prototype.redraw.call(figure, state), limits];
        })()""",
        name=f"explore-{kind}",
        state=state,
    )


@pytest.mark.parametrize(
    ("eta", "epsilon", "sigma", "rho", "end"),
    [
        (0.1, 0, 0, 0.9, "with ε below η/2 = 0.05 it cycles."),
        (0.1, 0.05, 0, 0.9, "with ε at or above η/2 = 0.05 it tends to 0."),
        (0.01, 0, 0, 0.994, "too near to 0 to cycle."),
        (0.5, 0, 0, 0, "divided 0 by 0."),
        (0.1, 0, 0.05, 0.9, "the law says 0.0636."),
    ],
)
def test_how_a_run_ends_is_told_as_it_is(eta, epsilon, sigma, rho, end):
    sentence, limits = said("cycle", eta=eta, epsilon=epsilon, sigma=sigma, rho=rho)
    assert sentence.endswith(end)
    assert None not in limits  # NaN in JSON


@pytest.mark.parametrize(
    ("time", "epsilon", "said_of_it"),
    [
        (1, 0, "Step 10: a = 0.109, |x| = 6.03 η. Walk"),
        (6.5, 0, "between 1 and 2 the distance falls"),
        (8, 0, "Burst: to the right of a = 2 the distance grows"),
        (30, 0, "Cycle: a is 2, and x jumps between ±0.5."),
        (30, 0.5, "Cycle: a is 2, and x jumps between ±0.25."),
        (30, 1.1, "a stays below 2: RMSprop converges."),
    ],
)
def test_the_orbit_names_its_regimes(time, epsilon, said_of_it):
    sentence, limits = said("orbit", time=time, rho=0.9, epsilon=epsilon, start=20)
    assert said_of_it in sentence
    assert None not in limits


def test_zero_over_zero_is_told_from_divergence():
    common = {"landscape": "bowl", "steps": 120, "rho": 0.9, "epsilon": 0, "momentum": 0}
    chosen = {"first": "RMSprop", "eta": 0.1, "second": "SGD", "eta2": 3}
    sentence, limits = said("descent", **common, **chosen, start=[0, 10])
    assert "RMSprop with η = 0.1 has divided 0 by 0, and SGD with η = 3 has diverged." in sentence
    assert None not in limits


@pytest.mark.parametrize("sigma", [0, 10])
def test_momentum_tells_the_end_of_the_runs_of_the_package(sigma):
    state = {"gamma": 0.9, "speed": 0.1, "rho": 0.9, "sigma": sigma}
    sentence, limits = said("momentum", **state)
    assert None not in limits
    parts = []
    for momentum in (0.0, 0.9):
        optimizer = RMSprop(0.1 * (1 - momentum), 0.9, 1e-8, momentum=momentum)
        problem = Noisy([100, 1], sigma, 2000) if sigma else Quadratic([100, 1])
        run = descend(optimizer, problem, np.array([4.0, 10.0]), 2000)
        parts.append(np.mean([50, 0.5] * run.theta[-1000:] ** 2, axis=0))
    for name, (before, after) in zip(("steep", "flat"), np.transpose(parts), strict=True):
        told = [js("show(value)", value=value) for value in (before, after)]
        assert f"in the {name} coordinate from {told[0]} to {told[1]}" in sentence


def test_looks_are_those_of_the_figures():
    looks = js("LOOKS")
    for method, look in looks.items():
        assert look["color"] == LOOKS[method]["color"]
        style = LOOKS[method]["linestyle"]
        assert look["dashes"] == ([] if style == "-" else list(style[1]))
    assert set(looks) == set(METHODS)


def test_decays_are_the_numbers_that_they_are_written_as():
    decays = js("DECAYS")
    assert decays[:100] == [float(f"0.{k:02}") for k in range(100)]
    assert decays[100:] == [float(f"0.{k}") for k in range(991, 1000)]


def test_size():
    sizes = [len(gzip.compress(path.read_bytes(), 9)) for path in FOLDER.iterdir()]
    assert sum(sizes) <= 25_000


def test_each_figure_is_used():
    assert {path.stem for path in FOLDER.glob("*.js")} == {"methods", "draw", *KINDS}


@pytest.mark.parametrize(("page", "asked"), USES)
def test_page_opens_it_in_a_state_that_it_offers(page, asked):
    controls = js(f"new elements['explore-{asked['kind']}']().controls")
    assert [control["name"] for control in controls] == list(asked["opens"])
    for control in controls:
        place = "Explorable.prototype.place.call({}, values, name, value)"
        name, values = control["name"], control["values"]
        value = str(asked["opens"][name])
        index = js(place, name=name, values=values, value=value)
        assert str(values[index]) == value or values[index] == float(value)


@pytest.mark.parametrize(("page", "asked"), USES)
def test_page_says_what_to_try(page, asked):
    within = [names for section in page.sections for _, names in section.lines]
    assert within.count(("admonition to-try",)) > 0


def test_a_state_that_is_not_offered_is_an_error():
    with pytest.raises(quickjs.JSException, match="data-rho must be one of"):
        js("Explorable.prototype.place.call({}, DECAYS, 'rho', '0.905')")


ASKED = {"kind": "weights", "opens": {"rho": 0.9, "first": "SGD"}}


@pytest.fixture
def page():
    """Return a document with a cell that asks for an explorable and draws a figure."""
    output = nodes.container("", nodes.figure("", nodes.image(uri="still.svg")))
    page = new_document("page")
    page += nodes.container("", output, cell_metadata={"explorable": ASKED})
    return page


def test_it_enters_its_figure_before_the_picture(page):
    figures.enter_figures(None, page, "page")
    (figure,) = page.findall(nodes.figure)
    assert [type(child) for child in figure] == [nodes.raw, nodes.image]
    element = '<explore-weights class="explorable" data-rho="0.9" data-first="SGD">'
    assert figure[0].astext() == f"{element}<div></div></explore-weights>"


def test_scripts_are_loaded_where_they_are_used(page):
    loaded = []
    app = SimpleNamespace(
        add_css_file=loaded.append, add_js_file=lambda name, **options: loaded.append(name)
    )
    figures.add_scripts(app, "other", "page.html", {}, new_document("other"))
    figures.add_scripts(app, "generated", "page.html", {}, None)
    assert loaded == []
    figures.enter_figures(app, page, "page")
    figures.add_scripts(app, "page", "page.html", {}, page)
    names = ["explore.css", "methods.js", "draw.js", "weights.js"]
    assert loaded == [f"explore/{name}" for name in names]
