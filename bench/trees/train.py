"""Trains 100 trees of depth 6 on synthetic rows: writes model.json, model.onnx and rows.f32 (row after row)."""

import sys
from pathlib import Path

import numpy
import onnxmltools
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

folder, columns, stored = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
random = numpy.random.default_rng(0)
x = random.normal(size=(100_000, columns)).astype(numpy.float32)
signal = x[:, 0] * x[:, 1] + numpy.sin(2 * x[:, 2]) + x[:, 3] * (x[:, 4] > 0)
y = (signal + random.normal(size=len(x)) > 0).astype(int)
model = xgboost.XGBClassifier(n_estimators=100, max_depth=6, learning_rate=0.1, tree_method="hist", n_jobs=2)
model.fit(x, y)
model.get_booster().save_model(folder / "model.json")
converted = onnxmltools.convert_xgboost(model, initial_types=[("rows", FloatTensorType([None, columns]))])
(folder / "model.onnx").write_bytes(converted.SerializeToString())
x[:stored].tofile(folder / "rows.f32")
