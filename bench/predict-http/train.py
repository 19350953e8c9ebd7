"""Trains the forest that everyone serves. Writes forest.joblib, forest.onnx (takes one matrix), columns.onnx (the same
trees behind one input per column) and requests.json: rows with the probability that scikit-learn gives them."""

import json
import sys
from pathlib import Path

import joblib
import numpy
import onnx
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

folder = Path(sys.argv[1])
columns = [f"x{i}" for i in range(20)]

features, labels = make_classification(n_samples=20_000, n_features=20, n_informative=12, random_state=7)
features = features.astype(numpy.float32)
forest = RandomForestClassifier(n_estimators=100, max_depth=6, random_state=7, n_jobs=-1).fit(features, labels)
forest.n_jobs = None

joblib.dump(forest, folder / "forest.joblib")


matrix = FloatTensorType([None, len(columns)])
model = convert_sklearn(forest, initial_types=[("x", matrix)], options={id(forest): {"zipmap": False}})
onnx.save(model, folder / "forest.onnx")

inputs = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 1]) for name in columns]
del model.graph.input[:]
model.graph.input.extend(inputs)
model.graph.node.insert(0, onnx.helper.make_node("Concat", columns, ["x"], axis=1))
onnx.checker.check_model(model)
onnx.save(model, folder / "columns.onnx")

rows = features[:256]
requests = [
    {
        "inputs": {"at": 1767225600000, **{name: float(value) for name, value in zip(columns, row)}},
        "probability": float(probability),
    }
    for row, probability in zip(rows, forest.predict_proba(rows)[:, 1])
]
(folder / "requests.json").write_text(json.dumps(requests))
print(json.dumps({"rows": len(requests)}))
