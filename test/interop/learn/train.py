"""Trains models on training sets of the server and logs them to it; says their URIs and what they predict.

    train.py <url> <token>
"""
import json
import sys

import lightgbm
import mlflow
import numpy as np
import onnx
import pandas as pd
import pyarrow.feather
import requests
import xgboost
from mlflow.models import infer_signature
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

url, token = sys.argv[1:]
headers = {"Authorization": f"Bearer {token}"}
mlflow.set_tracking_uri(url)
shown = 40


def read(name, until="2025-02-15"):
    """The newest training set of the name that ends there; its rows come as Parquet, and are the same as Arrow."""
    listed = requests.get(f"{url}/v1/training-sets", params={"name": name}, headers=headers).json()["items"]
    end = pd.Timestamp(until).timestamp() * 1000
    training_set = next(one for one in listed if one["until"] == end)
    address = f"{url}/v1/training-sets/{training_set['digest']}/data"
    rows = pd.read_parquet(f"{address}?format=parquet", storage_options=headers)
    arrow = requests.get(address, params={"format": "arrow"}, headers=headers).content
    pd.testing.assert_frame_equal(rows, pyarrow.feather.read_feather(pyarrow.BufferReader(arrow)), check_dtype=False)
    assert len(rows) == training_set["rows"] and training_set["timestamp"] == "ordered_at", training_set
    return training_set, rows, rows[training_set["features"]], rows[training_set["label"]]


def log(name, training_set, save, expected, rows):
    """Logs a model to a run that says what it learnt from; what it predicts for the first rows goes to the caller."""
    mlflow.set_experiment(f"python-{name}")
    with mlflow.start_run() as run:
        mlflow.set_tag("millrace.training_set", training_set["digest"])
        mlflow.log_param("library", name)
        save()
    inputs = rows[["ordered_at", "courier", "distance_km"]].head(shown)
    said[name] = {
        "uri": f"runs:/{run.info.run_id}/model",
        "inputs": json.loads(inputs.to_json(orient="records", date_format="iso")),
        "expected": np.asarray(expected, dtype=float).tolist(),
    }


said = {}
only = {"name": "model", "pip_requirements": ["mlflow"]}

late, late_rows, X, y = read("late")
assert list(X.columns) == ["courier", "distance_km", "hour", "weekend"], X.columns
flags = X.assign(weekend=X["weekend"].astype(bool))
prepared = ColumnTransformer(
    [
        ("courier", OneHotEncoder(handle_unknown="ignore"), ["courier"]),
        ("numbers", StandardScaler(), ["distance_km", "hour"]),
    ]
)
classifier = make_pipeline(prepared, LogisticRegression()).fit(flags.astype({"courier": object}), y)
types = [
    ("courier", StringTensorType([None, 1])),
    ("distance_km", FloatTensorType([None, 1])),
    ("hour", FloatTensorType([None, 1])),
]
graph = to_onnx(classifier, initial_types=types, options={"zipmap": False})
log(
    "sklearn",
    late,
    lambda: mlflow.onnx.log_model(graph, **only),
    classifier.predict_proba(flags.astype({"courier": object}))[:shown, 1],
    late_rows,
)

# As torch.onnx.export writes a network: one tensor for all columns, one number for each row, weights in a file beside.
numeric = X[["hour", "distance_km"]].astype("float32")
mean, deviation = numeric.mean(), numeric.std()
network = MLPClassifier((256, 8), max_iter=200, random_state=1).fit((numeric - mean) / deviation, y)
weights, nodes = [], []


def weight(name, values):
    weights.append(numpy_helper.from_array(np.asarray(values, dtype=np.float32), name))
    return name


nodes.append(helper.make_node("Sub", ["input", weight("mean", mean)], ["centred"]))
nodes.append(helper.make_node("Div", ["centred", weight("deviation", deviation)], ["layer0"]))
for i, (coefficients, intercepts) in enumerate(zip(network.coefs_, network.intercepts_)):
    given = [f"layer{i}", weight(f"weight{i}", coefficients), weight(f"bias{i}", intercepts)]
    nodes.append(helper.make_node("Gemm", given, [f"sum{i}"]))
    last = i + 1 == len(network.coefs_)
    nodes.append(helper.make_node("Sigmoid" if last else "Relu", [f"sum{i}"], ["output" if last else f"layer{i + 1}"]))
mlp = helper.make_model(
    helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 2])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1])],
        weights,
    ),
    opset_imports=[helper.make_opsetid("", 17)],
    ir_version=8,
)
onnx.checker.check_model(mlp)
log(
    "mlp",
    late,
    lambda: mlflow.onnx.log_model(mlp, signature=infer_signature(numeric, np.zeros((1, 1), np.float32)), **only),
    network.predict_proba((numeric - mean) / deviation)[:shown, 1],
    late_rows,
)

speeds, speed_rows, X, y = read("speeds")
X = X.astype({"courier": "category", "weekend": bool})
order = sorted(y.unique())
boosted = xgboost.XGBClassifier(n_estimators=25, max_depth=4, enable_categorical=True)
boosted.fit(X, y.map(order.index))
log(
    "xgboost",
    speeds,
    lambda: mlflow.xgboost.log_model(boosted, signature=infer_signature(X.head(), [0]), **only),
    boosted.predict_proba(X)[:shown],
    speed_rows,
)

durations, duration_rows, X, y = read("durations")
X = X.astype({"courier": "category", "weekend": bool})
light = lightgbm.LGBMRegressor(n_estimators=60, verbose=-1).fit(X, y)
log(
    "lightgbm",
    durations,
    lambda: mlflow.lightgbm.log_model(light.booster_, **only),
    light.predict(X)[:shown],
    duration_rows,
)

# What only Python can load.
with mlflow.start_run() as run:
    mlflow.set_tag("millrace.training_set", late["digest"])
    mlflow.sklearn.log_model(classifier, serialization_format="cloudpickle", **only)
said["pickle"] = {"uri": f"runs:/{run.info.run_id}/model"}

print(json.dumps(said))
