"""Explains rows with shap, one thread. Prints {"microseconds", "answers"}."""

import json
import sys
import time
from pathlib import Path

import numpy
import shap
import xgboost

folder, columns, rows, shown = Path(sys.argv[1]), *map(int, sys.argv[2:])
x = numpy.fromfile(folder / "rows.f32", dtype=numpy.float32).reshape(-1, columns)[:rows]
model = xgboost.Booster(model_file=folder / "model.json")
trees = len(model.get_dump())
explainer = shap.TreeExplainer(model)


def explain():
    # With a limit shap runs its own C++ instead of handing the rows to XGBoost.
    return explainer.shap_values(x, tree_limit=trees, check_additivity=False)


values = explain()
started = time.perf_counter()
done = 0
while time.perf_counter() - started < 1:
    explain()
    done += rows
seconds = time.perf_counter() - started
print(json.dumps({"microseconds": seconds / done * 1e6, "answers": values[:shown].ravel().tolist()}))
