"""Writes fixtures/intervals.json: scipy's bootstrap intervals with the distributions that they are made of."""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(6)
cases = []
for name, statistic in [("mean", np.mean), ("variance", np.var)]:
    sample = np.round(random.gamma(1.5, 2, 25), 3)
    given = {"confidence_level": 0.9, "vectorized": False}
    found = stats.bootstrap((sample,), statistic, n_resamples=400, method="BCa", rng=random, **given)
    plain = stats.bootstrap(
        (sample,), statistic, n_resamples=0, method="percentile", bootstrap_result=found, rng=random, **given
    )
    cases.append(
        {
            "name": name,
            "estimate": statistic(sample),
            "distribution": found.bootstrap_distribution.tolist(),
            "jackknife": [statistic(np.delete(sample, row)) for row in range(len(sample))],
            "bca": [found.confidence_interval.low, found.confidence_interval.high],
            "percentile": [plain.confidence_interval.low, plain.confidence_interval.high],
        }
    )
z = [-37, -9.5, -5, -3.01, -3, -2.99, -1, -1e-9, 0, 0.3, 2.5, 3, 4, 8]
golden = {
    "source": f"scipy {scipy.__version__}, numpy {np.__version__}",
    "confidence": 0.9,
    "cases": cases,
    "normalCdf": [[x, stats.norm.cdf(x)] for x in z],
    "normalQuantile": [[p, stats.norm.ppf(p)] for p in [1e-12, 0.001, 0.025, 0.3, 0.5, 0.84, 0.975, 0.9999]],
}
(Path(__file__).parent / "fixtures" / "intervals.json").write_text(json.dumps(golden) + "\n")
