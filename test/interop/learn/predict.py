"""What Python predicts with a model that was trained by the server, loaded in both ways of MLflow.

    predict.py <url> <model uri> < rows of features as JSON
"""
import json
import sys

import mlflow
import numpy as np
import onnxruntime

url, uri = sys.argv[1:]
mlflow.set_tracking_uri(url)
rows = json.load(sys.stdin)


def tensor(spec):
    values = [[row[spec.name]] for row in rows]
    return np.array(values, dtype=spec.type)


generic = mlflow.pyfunc.load_model(uri)
feeds = {spec.name: tensor(spec) for spec in generic.metadata.get_input_schema().inputs}
answer = generic.predict(feeds)

graph = mlflow.onnx.load_model(uri)
session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
labels, probabilities = session.run(["label", "probabilities"], feeds)

print(
    json.dumps(
        {
            "pyfunc": np.asarray(answer["probabilities"], dtype=float)[:, 1].tolist(),
            "onnx": np.asarray(probabilities, dtype=float)[:, 1].tolist(),
            "labels": np.asarray(labels).astype(int).tolist(),
        }
    )
)
