"""Fits one peer with two threads. Prints {"seconds", "peakMb", "auc"} of fitting columns that are in memory."""

import json
import resource
import sys
import time
from pathlib import Path

import numpy

peer, folder, training_rows, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
columns = json.loads((folder / "columns.json").read_text())
target = numpy.fromfile(folder / "target.u8", dtype=numpy.uint8)
categorical = [i for i, column in enumerate(columns) if "categories" in column]


def rows(begin, end):
    # Row by row, as all of the peers like it best.
    table = numpy.empty((end - begin, len(columns)), dtype=numpy.float32)
    for i in range(len(columns)):
        # Read, not mapped: mapped pages of the file would count as memory of the fit.
        offset = (i * len(target) + begin) * table.itemsize
        table[:, i] = numpy.fromfile(folder / "values.f32", numpy.float32, end - begin, offset=offset)
    return table


def fit_lightgbm(x, y):
    import lightgbm

    data = lightgbm.Dataset(x, y, categorical_feature=categorical)
    options = dict(objective="binary", num_leaves=31, learning_rate=0.1, num_threads=2, verbose=-1)
    return lightgbm.train(options, data, 100).predict


def fit_xgboost(x, y):
    import xgboost

    types = ["c" if i in categorical else "float" for i in range(len(columns))]
    data = xgboost.QuantileDMatrix(x, y, feature_types=types, enable_categorical=True, nthread=2)
    options = dict(objective="binary:logistic", max_depth=6, eta=0.1, tree_method="hist", nthread=2)
    model = xgboost.train(options, data, 100)
    return lambda x: model.predict(xgboost.DMatrix(x, feature_types=types, enable_categorical=True))


def fit_scikit_learn(x, y):
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(100, max_depth=10, n_jobs=2, random_state=seed).fit(x, y)
    return lambda x: model.predict_proba(x)[:, 1]


fit = {"lightgbm": fit_lightgbm, "xgboost": fit_xgboost, "scikit-learn": fit_scikit_learn}[peer]
x = rows(0, training_rows)
y = target[:training_rows]
# Importing is not part of the time.
__import__({"scikit-learn": "sklearn.ensemble"}.get(peer, peer))
started = time.perf_counter()
predict = fit(x, y)
seconds = time.perf_counter() - started
peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
del x
from sklearn.metrics import roc_auc_score

auc = roc_auc_score(target[training_rows:], predict(rows(training_rows, len(target))))
print(json.dumps({"seconds": seconds, "peakMb": peak_kb / 1024, "auc": auc}))
