"""Writes fixtures/golden.json: scikit-learn's cross-validation and learning curve of a ridge regression."""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_predict, cross_validate

random = np.random.default_rng(8)
x = np.round(random.uniform(-2, 2, (40, 2)), 3).astype(np.float32).astype(float)
y = np.round(x @ [2, -1] + random.normal(0, 0.5, 40), 3)
scoring = {"r2": "r2", "meanAbsoluteError": "neg_mean_absolute_error"}
found = cross_validate(Ridge(alpha=2), x, y, cv=KFold(4), scoring=scoring, return_train_score=True)
golden = {
    "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "x": x.T.tolist(),
    "y": y.tolist(),
    "test": {name: np.abs(found[f"test_{name}"]).tolist() for name in scoring},
    "train": {name: np.abs(found[f"train_{name}"]).tolist() for name in scoring},
    "outOfFold": cross_val_predict(Ridge(alpha=2), x, y, cv=KFold(4)).tolist(),
}
path = Path(__file__).parent / "fixtures" / "golden.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden) + "\n")
