"""Each task is what it says, and its runs are independent of each other."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from rmsprop import RMSprop, sweep, tasks
from rmsprop.tasks import adding, delayed_copy, digits, drift, sparse

TASKS = [tasks.Digits, tasks.Adding, tasks.DelayedCopy, tasks.Drift, tasks.Scales, tasks.Sparse]
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)


def rng(seed=0):
    return np.random.default_rng(seed)


@each_task
def test_a_run_in_a_stack_is_the_run_alone(task):
    rates = np.array([0.1, 0.01, 0.001])[:, None]
    stack, alone = task(seeds=[3, 5]), task(seeds=[5])
    together = sweep(RMSprop(rates), stack, stack.start[:, None], steps=15)
    single = sweep(RMSprop(0.01), alone, alone.start, steps=15)
    np.testing.assert_allclose(together.theta[:, 1, 1], single.theta[:, 0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(together.loss[1, 1], single.loss[0], rtol=1e-4)
    assert not np.allclose(together.theta[:, 1, 0], single.theta[:, 0], atol=1e-2)
    scores = stack.score(together.theta, 15)
    np.testing.assert_allclose(scores[1, 1], alone.score(single.theta, 15)[0], rtol=1e-4)


@each_task
def test_gradient_is_the_slope_of_the_loss(task):
    problem = task(seeds=[0, 1]).at(7)
    theta = task(seeds=[0, 1]).start + 0.1 * rng().standard_normal((1, 2)).astype("f4")
    g = problem.gradient(theta)
    along = g / np.linalg.norm(g, axis=0)
    up, down = (problem.loss(theta + h * along).astype(float) for h in (1e-2, -1e-2))
    np.testing.assert_allclose((up - down) / 2e-2, np.linalg.norm(g, axis=0), rtol=2e-2)
    assert g.shape == theta.shape and g.dtype == theta.dtype == np.float32


@each_task
def test_data_depend_on_seed_and_step_alone(task):
    def losses(seeds, t):
        theta = np.repeat(random_theta(task([0])), len(seeds), axis=1)
        return task(seeds).at(t).loss(theta)

    first = losses([1, 2], 3)
    np.testing.assert_allclose(losses([2, 1], 3), first[::-1], rtol=1e-5)
    assert first[0] != first[1] and losses([1], 4) != first[0]
    assert np.array_equal(task([4]).start, task([4]).start)


@each_task
def test_the_start_has_the_variance_that_it_says(task):
    start, first = task(range(100)).start, 0
    for name, shape in task.shapes.items():
        due = {"W1": 2, "w": 0}.get(name, 1)  # before a ReLU, linear, before anything else
        part = start[first : (first := first + int(np.prod(shape)))]
        if name == "b" and task is tasks.Adding:  # the forget gates begin open
            assert part.mean(axis=1).tolist() == [0] * 8 + [1] * 8 + [0] * 16
        elif len(shape) == 1:
            assert not part.any()
        else:
            assert abs(part.var() * shape[0] - due) < 0.15


@each_task
def test_training_helps(task):
    task = task(seeds=[0, 1])
    optimizer = RMSprop(0.1 if task.shapes.get("w") else 0.01)
    end = sweep(optimizer, task, task.start, steps=80)
    assert np.all(task.score(end.theta, 80) < 0.97 * task.score(task.start, 80))


@each_task
def test_bad_input(task):
    good = task(seeds=[0, 1])
    with pytest.raises(ValueError, match=r"seeds must hold at least one seed, got none"):
        task([])
    with pytest.raises(ValueError, match=r"seed must be at least 0, got -1"):
        task([-1])
    with pytest.raises(TypeError, match=r"seed must be an integer, got 0.5"):
        task([0.5])
    for wrong in (good.start[:, 0], good.start[1:], good.start[:, :1]):
        with pytest.raises(ValueError, match=r"theta must have the shape \(\d+, ..., 2\), got"):
            good.at(1).gradient(wrong)


def named(task, theta):
    """Return one network's weights as tensors by name."""
    weights, first = {}, 0
    for name, shape in task.shapes.items():
        last = first + int(np.prod(shape))
        weights[name] = torch.from_numpy(theta[first:last, 0].reshape(shape).copy())
        first = last
    assert first == len(theta)
    return weights


def random_theta(task):
    return (0.3 * rng(1).standard_normal(task.start.shape)).astype("f4")


def own_batch(task, t=1):
    (seed,) = task.seeds
    drawn = task.batch(tasks.task.generator(seed, tasks.task.BATCH, t), t)
    return [torch.from_numpy(np.asarray(a, "f4" if a.dtype.kind == "f" else "i8")) for a in drawn]


def test_the_lstm_is_that_of_torch():
    task = tasks.Adding([0])
    theta = random_theta(task)
    w = named(task, theta)
    entries, target = own_batch(task)

    def torch_order(a):  # torch: write, keep, new, read
        write, keep, read, new = a.chunk(4, dim=-1)
        return torch.cat([write, keep, new, read], dim=-1)

    lstm = torch.nn.LSTM(2, adding.HIDDEN, batch_first=True)
    lstm.weight_ih_l0.data = torch_order(w["W"]).T
    lstm.weight_hh_l0.data = torch_order(w["U"]).T
    lstm.bias_ih_l0.data, lstm.bias_hh_l0.data = torch_order(w["b"]), torch.zeros(4 * adding.HIDDEN)
    with torch.no_grad():
        states, _ = lstm(entries)
        answer = (states[:, -1] @ w["out"]).squeeze(-1) + w["c"]
        wanted = torch.nn.functional.mse_loss(answer, target).item()
    np.testing.assert_allclose(task.at(1).loss(theta), wanted, rtol=1e-5)


def test_the_rnn_is_that_of_torch():
    task = tasks.DelayedCopy([0])
    theta = random_theta(task)
    w = named(task, theta)
    (signs,) = own_batch(task)
    rnn = torch.nn.RNN(1, delayed_copy.HIDDEN, batch_first=True)
    rnn.weight_ih_l0.data, rnn.weight_hh_l0.data = w["W"].T, w["U"].T
    rnn.bias_ih_l0.data, rnn.bias_hh_l0.data = w["b"], torch.zeros(delayed_copy.HIDDEN)
    delay, losses = delayed_copy.DELAY, []
    with torch.no_grad():
        states, _ = rnn(signs.unsqueeze(-1))
        answers = (states @ w["out"]).squeeze(-1) + w["c"]
        for i in range(len(signs)):
            for t in range(delay, delayed_copy.LENGTH):
                says_plus = torch.sigmoid(answers[i, t])
                right = says_plus if signs[i, t - delay] > 0 else 1 - says_plus
                losses.append(-torch.log(right).item())
    np.testing.assert_allclose(task.at(1).loss(theta), np.mean(losses), rtol=1e-4)


def test_the_digits_network_is_that_of_torch():
    task = tasks.Digits([0])
    theta = random_theta(task)
    w = named(task, theta)
    pixels, digit = own_batch(task)
    logits = torch.relu(pixels @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"]
    wanted = torch.nn.functional.cross_entropy(logits, digit).item()
    np.testing.assert_allclose(task.at(1).loss(theta), wanted, rtol=1e-5)


def test_no_digit_held_out_is_trained_on():
    task = tasks.Digits([0])
    held_out = {image.tobytes() for image in task.held_out(rng())[0]}
    drawn = np.concatenate([task.batch(rng(t), t)[0] for t in range(200)])
    assert len(held_out) == 450 and not held_out & {image.tobytes() for image in drawn}
    assert len({image.tobytes() for image in drawn}) > 1200
    assert digits.images()[0].min() == 0 and digits.images()[0].max() == 1


def test_adding_marks_one_number_in_each_half():
    entries, target = tasks.Adding([0]).held_out(rng())
    number, mark = entries[..., 0], entries[..., 1]
    assert np.all(mark[:, :5].sum(axis=1) == 1) and np.all(mark[:, 5:].sum(axis=1) == 1)
    assert np.allclose((number * mark).sum(axis=1), target)
    assert np.all(mark.sum(axis=0) > 0)  # every place is marked in some sequence
    many = adding._sequences(rng(), 20_000)[1]
    assert abs(np.var(many) - 1 / 6) < 0.005 and abs(many.mean() - 1) < 0.01


def test_drift_scores_the_expected_loss():
    task = tasks.Drift([0, 1])
    theta = np.linspace(-1, 2, 40).reshape(20, 2)
    drawn = [task.batch(rng(k), 50) for k in range(4000)]
    errors = np.array([x @ theta - y[:, None] for x, y in drawn])
    sampled = 0.5 * np.mean(errors**2, axis=(0, 1))
    expected = task.score(theta, 50) + 0.5 * drift.NOISE**2
    assert np.allclose(sampled, expected, rtol=0.05)
    assert task.score(np.stack([task.truth(50)] * 2, axis=-1), 50).tolist() == [0, 0]
    assert 300 < 1 / task.speeds.max() < 1 / task.speeds.min() < 1200


def test_sparse_features_are_as_rare_as_stated():
    present, label = sparse._examples(rng(), 40_000)
    assert np.allclose(present.mean(axis=0), sparse.CHANCES, atol=0.01)
    assert 0.9 < present[:, 50:].mean() / sparse.CHANCES[50:].mean() < 1.1
    yes = label == 1
    assert np.isclose(yes.mean(), (1 / (1 + np.exp(-present @ sparse.TRUTH))).mean(), atol=0.01)


def test_torch_is_imported_by_the_tasks_only():
    ask = "import sys; from rmsprop import compare, plotting; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_what_is_held_out_is_the_same_for_all_seeds():
    one, other = tasks.Sparse([0]), tasks.Sparse([1])
    theta = random_theta(one)
    assert np.array_equal(one.score(theta, 0), other.score(theta, 0))
    assert not np.allclose(one.at(1).loss(theta), other.at(1).loss(theta))
