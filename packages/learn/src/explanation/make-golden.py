"""Writes fixtures/golden.json: scikit-learn's partial dependence of a logistic regression, and what permuting costs."""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.inspection import partial_dependence
from sklearn.linear_model import Ridge

random = np.random.default_rng(9)
x = np.round(random.uniform(-2, 2, (30, 3)), 2).astype(np.float32).astype(float)
y = np.round(3 * x[:, 0] - x[:, 1] + random.normal(0, 0.3, 30), 3)
weights = np.round(random.uniform(0, 2, 30), 2)
model = Ridge(alpha=1).fit(x, y)


def dependence(columns, **options):
    # Wholly distinct values fit the resolution, so that the grid is that of the values.
    found = partial_dependence(model, x, columns, grid_resolution=40, method="brute", **options)
    return {"grid": [g.tolist() for g in found["grid_values"]], "average": found["average"][0].ravel().tolist()}


individual = partial_dependence(model, x, [1], grid_resolution=40, method="brute", kind="individual")
golden = {
    "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "x": x.T.tolist(),
    "y": y.tolist(),
    "weights": weights.tolist(),
    "one": dependence([0]),
    "weighted": dependence([0], sample_weight=weights),
    "two": dependence([0, 2]),
    "individual": individual["individual"][0].ravel().tolist(),
}
path = Path(__file__).parent / "fixtures" / "golden.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden) + "\n")
