"""Writes fixtures/golden.json: the test rows of scikit-learn's splitters, which are exact where nothing is shuffled."""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import model_selection as s

random = np.random.default_rng(2)
rows = 47
codes = random.choice([2, 0, 1], size=rows, p=[0.6, 0.3, 0.1])
# Groups of different sizes, for which the order of the assignment is determined.
sizes = [1, 2, 3, 4, 5, 6, 7, 8, 11]
drawn = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
# scikit-learn goes through groups in the order of their names: named by first appearance, it is that of the rows.
groups = np.array([list(dict.fromkeys(drawn.tolist())).index(group) for group in drawn])


def folds(splitter):
    return [{"train": a.tolist(), "test": b.tolist()} for a, b in splitter.split(np.zeros(rows), codes, groups)]


golden = {
    "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "codes": codes.tolist(),
    "groups": groups.tolist(),
    "cases": [
        {"kind": "kFold", "options": {"nSplits": 4}, "splits": folds(s.KFold(4))},
        {"kind": "stratifiedKFold", "options": {"nSplits": 4}, "splits": folds(s.StratifiedKFold(4))},
        {"kind": "groupKFold", "options": {"nSplits": 3}, "splits": folds(s.GroupKFold(3))},
        {"kind": "stratifiedGroupKFold", "options": {"nSplits": 3}, "splits": folds(s.StratifiedGroupKFold(3))},
        {"kind": "timeSeriesSplit", "options": {"nSplits": 4}, "splits": folds(s.TimeSeriesSplit(4))},
        {
            "kind": "timeSeriesSplit",
            "options": {"nSplits": 3, "gap": 2, "maxTrainSize": 10, "testSize": 5},
            "splits": folds(s.TimeSeriesSplit(3, gap=2, max_train_size=10, test_size=5)),
        },
    ],
}
path = Path(__file__).parent / "fixtures" / "golden.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden) + "\n")
