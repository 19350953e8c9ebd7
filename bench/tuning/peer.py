"""python peer.py <function> <sampler> <first seed> <seeds> <trials...>: prints regrets by seed and checkpoint, and CPU time."""

import json
import math
import sys
import time

import numpy as np
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

SCALES = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
CENTRES = np.array(
    [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ]
)


def cube(trial, size, low, high):
    return np.array([trial.suggest_float(f"x{at}", low, high) for at in range(size)])


def branin(trial):
    x, y = trial.suggest_float("x0", -5, 10), trial.suggest_float("x1", 0, 15)
    bow = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bow**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann(trial):
    x = cube(trial, 6, 0, 1)
    return float(-np.dot([1, 1.2, 3, 3.2], np.exp(-(SCALES * (x - CENTRES) ** 2).sum(axis=1))))


def rosenbrock(trial):
    x = cube(trial, 5, -5, 10)
    return float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum())


def ackley(trial):
    x = cube(trial, 5, -32.8, 32.8)
    waves = np.cos(2 * math.pi * x).mean()
    return float(-20 * np.exp(-0.2 * np.sqrt((x**2).mean())) - np.exp(waves) + 20 + math.e)


def sphere(trial):
    return float((cube(trial, 10, -5, 5) ** 2).sum())


def mixed(trial):
    rate = trial.suggest_float("rate", 1e-6, 1, log=True)
    offset = {"a": 0.5, "b": 0, "c": 1, "d": 2}[trial.suggest_categorical("shape", ["a", "b", "c", "d"])]
    return (math.log10(rate) + 3) ** 2 + offset + ((trial.suggest_int("units", 1, 128) - 37) / 40) ** 2


FUNCTIONS = {
    "branin": (branin, 0.39788735772973816),
    "hartmann-6": (hartmann, -3.322368011415515),
    "rosenbrock-5": (rosenbrock, 0),
    "ackley-5": (ackley, 0),
    "sphere-10": (sphere, 0),
    "mixed": (mixed, 0),
}
SAMPLERS = {
    "tpe": optuna.samplers.TPESampler,
    "gaussianProcess": optuna.samplers.GPSampler,
    "cmaEs": optuna.samplers.CmaEsSampler,
}

name, kind, first, seeds, *counts = sys.argv[1:]
counts = [int(count) for count in counts]
evaluate, minimum = FUNCTIONS[name]


def run(seed):
    study = optuna.create_study(sampler=SAMPLERS[kind](seed=seed))
    study.optimize(evaluate, n_trials=max(counts))
    values = [trial.value for trial in study.get_trials(deepcopy=False)]
    return [min(values[:count]) - minimum for count in counts]


run(10_000)
begin = time.process_time()
regrets = [run(int(first) + index) for index in range(int(seeds))]
elapsed = time.process_time() - begin
print(json.dumps({"regrets": regrets, "milliseconds": elapsed * 1000 / int(seeds) / max(counts)}))
