"""Models: trained, logged, registered, loaded and asked, for each flavor."""
import math

import lightgbm as lgb
import mlflow
import numpy as np
import onnx  # noqa: F401
import pandas as pd
import xgboost as xgb
from mlflow import MlflowClient
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

client = MlflowClient()
mlflow.set_experiment("models")
features, target = load_iris(return_X_y=True, as_frame=True)
signature = infer_signature(features, target)

# Everything logs itself.
mlflow.sklearn.autolog(log_datasets=True)
with mlflow.start_run(run_name="autolog") as auto:
    LogisticRegression(max_iter=500).fit(features, target)
mlflow.sklearn.autolog(disable=True)
run = client.get_run(auto.info.run_id)
assert run.data.params["max_iter"] == "500" and run.data.metrics["training_accuracy_score"] > 0.9
assert run.outputs.model_outputs, "autolog logs the model"
assert run.inputs.dataset_inputs, "autolog logs the data"

forest = RandomForestClassifier(n_estimators=5, random_state=1).fit(features, target)
booster = xgb.XGBClassifier(n_estimators=5).fit(features, target)
light = lgb.LGBMClassifier(n_estimators=5, verbose=-1).fit(features, target)
graph = to_onnx(forest, features.to_numpy(np.float32)[:1], options={"zipmap": False})


class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input.sum(axis=1) * 2


cases = {
    "sklearn": (lambda **k: mlflow.sklearn.log_model(forest, serialization_format="cloudpickle", **k), mlflow.sklearn.load_model, forest.predict(features)),
    "xgboost": (lambda **k: mlflow.xgboost.log_model(booster, **k), mlflow.xgboost.load_model, booster.predict(features)),
    "lightgbm": (lambda **k: mlflow.lightgbm.log_model(light, **k), mlflow.lightgbm.load_model, light.predict(features)),
    "onnx": (lambda **k: mlflow.onnx.log_model(graph, **k), None, forest.predict(features)),
    "pyfunc": (
        lambda **k: mlflow.pyfunc.log_model(python_model=Doubler(), **k),
        None,
        (features.sum(axis=1) * 2).to_numpy(),
    ),
}
for flavor, (log, load, expected) in cases.items():
    with mlflow.start_run(run_name=flavor) as run:
        # A metric that is no number is sent again with the model.
        mlflow.log_metric("broken", math.nan)
        mlflow.log_metric("score", 0.5)
        mlflow.log_param("flavor", flavor)
        extra = {} if flavor == "onnx" else {"signature": signature, "input_example": features.head(3)}
        info = log(name="model", registered_model_name=f"iris-{flavor}", pip_requirements=["mlflow"], **extra)
    logged = client.get_logged_model(info.model_id)
    assert logged.status == "READY" and logged.source_run_id == run.info.run_id
    assert {m.key for m in logged.metrics} == {"broken", "score"}, logged.metrics
    assert logged.params["flavor"] == flavor
    version = client.get_model_version(f"iris-{flavor}", "1")
    assert version.run_id == run.info.run_id and version.status == "READY", version
    client.set_registered_model_alias(f"iris-{flavor}", "champion", version.version)
    for uri in [f"models:/iris-{flavor}@champion", f"models:/iris-{flavor}/1", f"models:/{info.model_id}", f"models:/iris-{flavor}/latest"]:
        loaded = mlflow.pyfunc.load_model(uri)
        data = features.to_numpy(np.float32) if flavor == "onnx" else features
        answer = loaded.predict(data)
        if isinstance(answer, dict):
            answer = next(iter(answer.values()))
        assert np.allclose(np.asarray(answer).ravel(), np.asarray(expected).ravel()), (flavor, uri)
    if load:
        native = load(f"models:/iris-{flavor}@champion")
        assert np.allclose(native.predict(features), expected)
    assert mlflow.models.get_model_info(f"models:/iris-{flavor}@champion").model_id == info.model_id
    if extra:
        assert mlflow.models.get_model_info(info.model_uri).signature == signature

# A logged model belongs to the run's files, too.
found = mlflow.search_logged_models(experiment_ids=[run.info.experiment_id], filter_string="params.flavor = 'xgboost'", output_format="list")
assert [m.name for m in found] == ["model"]
best = mlflow.search_logged_models(
    experiment_ids=[run.info.experiment_id],
    filter_string="metrics.score >= 0.5 AND attributes.name = 'model'",
    order_by=[{"field_name": "metrics.score", "ascending": False}, {"field_name": "creation_time"}],
    output_format="list",
)
assert len(best) == 5, len(best)
assert len(mlflow.search_logged_models(experiment_ids=[run.info.experiment_id], max_results=2)) == 2
client.set_logged_model_tags(found[0].model_id, {"stage": "küken"})
assert client.get_logged_model(found[0].model_id).tags["stage"] == "küken"
client.delete_logged_model_tag(found[0].model_id, "stage")
assert [a.path for a in client.list_logged_model_artifacts(found[0].model_id) if a.path == "MLmodel"] == ["MLmodel"]

# Evaluated on data: metrics of a model on a dataset.
dataset = mlflow.data.from_pandas(features.assign(target=target), name="iris", targets="target")
with mlflow.start_run(run_name="evaluate"):
    mlflow.log_metric("f1", 0.9, dataset=dataset, model_id=found[0].model_id)
metric = [m for m in client.get_logged_model(found[0].model_id).metrics if m.key == "f1"]
assert metric[0].dataset_name == "iris" and metric[0].value == 0.9
of_data = mlflow.search_logged_models(
    experiment_ids=[run.info.experiment_id],
    filter_string="metrics.f1 > 0.5",
    datasets=[{"dataset_name": "iris", "dataset_digest": dataset.digest}],
    output_format="list",
)
assert [m.model_id for m in of_data] == [found[0].model_id]

# An external model, and one that failed.
external = mlflow.initialize_logged_model(name="outside", model_type="agent", tags={"k": "v"})
mlflow.finalize_logged_model(external.model_id, "FAILED")
assert client.get_logged_model(external.model_id).status == "FAILED"
client.delete_logged_model(external.model_id)
