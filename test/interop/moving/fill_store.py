"""Fills an MLflow store through MLflow's own client with everything that moving must carry.

Usage: fill_store.py <tracking uri> [--sklearn]

Works with every release from 1.30 on; what a release does not know is not made. With --sklearn the logged model is a
real one, else two small files.
"""

import math
import os
import sys
import tempfile

import mlflow
from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient

start = 1_700_000_000_000


def write(folder, name, content):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(content)


def fill_default(client):
    run = client.create_run("0", start_time=start, tags={"mlflow.runName": "in default"})
    client.log_metric(run.info.run_id, "loss", 0.5, timestamp=start + 1, step=0)
    client.set_terminated(run.info.run_id, "FINISHED", end_time=start + 2)


def fill_parent(client, experiment):
    tags = {
        "mlflow.runName": "parent",
        "mlflow.user": "ada",
        "note": "two\nlines: {a}",
        "quote": "'\"\\",
        "empty": "",
    }
    run = client.create_run(experiment, start_time=start + 10, tags=tags).info.run_id
    params = [Param("depth", "3"), Param("long", "x" * 450), Param("empty", ""), Param("data/path", "a b")]
    steps = [Metric("train/loss", 1 / (i + 1), start + 100 + i, i) for i in range(20)]
    odd = [
        Metric("odd", math.nan, start + 200, 0),
        Metric("odd", math.inf, start + 201, 1),
        Metric("odd", -math.inf, start + 202, 2),
        Metric("odd", 0.1 + 0.2, start + 203, -3),
        Metric("odd", 5e-324, start + 204, 9),
    ]
    client.log_batch(run, metrics=steps + odd, params=params)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "notes"))
        write(folder, "notes/hello world.txt", b"hello")
        write(folder, "notes/größe.txt", "größe".encode())
        write(folder, "weights.bin", bytes(range(256)) * 20)
        write(folder, "empty", b"")
        client.log_artifacts(run, folder)
    if hasattr(client, "log_inputs"):
        from mlflow.entities import Dataset, DatasetInput, InputTag

        rows = Dataset("train rows", "599a6bd2", "local", '{"uri": "rows.csv"}', '{"a": "double"}', '{"rows": 2}')
        client.log_inputs(run, [DatasetInput(rows, [InputTag("mlflow.data.context", "training")])])
    client.set_terminated(run, "FINISHED", end_time=start + 300)
    return run


def log_sklearn(client, run):
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rows, labels = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
    model = LogisticRegression().fit(rows, labels)
    with mlflow.start_run(run_id=run):
        return mlflow.sklearn.log_model(model, name="model", input_example=rows[:2]).model_id


def log_small_model(client, experiment, run):
    model = client.create_logged_model(
        experiment, name="model", source_run_id=run, params={"c": "1"}, tags={"kind": "linear"}, model_type="classifier"
    )
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "MLmodel", f"flavors: {{}}\nmodel_id: {model.model_id}\n".encode())
        write(folder, "model.bin", b"weights")
        client.log_model_artifacts(model.model_id, folder)
    client.finalize_logged_model(model.model_id, "READY")
    return model.model_id


def fill_child(client, experiment, parent, with_sklearn):
    tags = {"mlflow.runName": "child", "mlflow.parentRunId": parent}
    run = client.create_run(experiment, start_time=start + 20, tags=tags).info.run_id
    client.log_metric(run, "accuracy", 1.0, timestamp=start + 21, step=0)
    model = None
    if hasattr(client, "create_logged_model"):
        from mlflow.entities import LoggedModelOutput

        model = log_sklearn(client, run) if with_sklearn else log_small_model(client, experiment, run)
        client.delete_logged_model(client.create_logged_model(experiment, name="discarded", source_run_id=run).model_id)
        if not with_sklearn:
            client.log_outputs(run, [LoggedModelOutput(model, step=2)])
            client.log_metric(run, "auc", 0.9, timestamp=start + 22, step=1, model_id=model)
    else:
        client.log_dict(run, {"flavors": {}}, "model/MLmodel")
    client.set_terminated(run, "FINISHED", end_time=start + 400)
    return run, model


def fill_registry(client, run, model):
    client.create_registered_model("delays", tags={"owner": "ops"}, description="Late or not")
    source = f"models:/{model}" if model else f"{client.get_run(run).info.artifact_uri}/model"
    more = {"model_id": model} if model else {}
    for i in range(1, 5):
        client.create_model_version(
            "delays", source, run, description=f"try {i}", tags={"try": str(i)}, **more
        )
    client.delete_model_version("delays", "2")
    client.delete_model_version("delays", "4")
    client.transition_model_version_stage("delays", "1", "Production")
    if hasattr(client, "set_registered_model_alias"):
        client.set_registered_model_alias("delays", "champion", "3")
        client.set_registered_model_alias("delays", "previous", "1")
    client.create_registered_model("empty model")


def main():
    uri = sys.argv[1]
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    client = MlflowClient()
    fill_default(client)

    flights = client.create_experiment("flights")
    client.set_experiment_tag(flights, "team", "ops")
    client.set_experiment_tag(flights, "mlflow.note.content", "Über Flüge ✈")
    mlflow.set_experiment("flights")
    parent = fill_parent(client, flights)
    child, model = fill_child(client, flights, parent, "--sklearn" in sys.argv)
    failed = client.create_run(flights, start_time=start + 30, tags={"mlflow.runName": "failed", "why": "no memory"})
    client.set_terminated(failed.info.run_id, "FAILED", end_time=start + 31)
    client.create_run(flights, start_time=start + 40, tags={"mlflow.runName": "still running"})
    gone = client.create_run(flights, start_time=start + 50, tags={"mlflow.runName": "thrown away"}).info.run_id
    client.log_metric(gone, "loss", 2.0, timestamp=start + 51)
    client.delete_run(gone)

    archived = client.create_experiment("archived")
    old = client.create_run(archived, start_time=start + 60, tags={"mlflow.runName": "old"}).info.run_id
    client.log_batch(old, params=[Param("p", "1")], tags=[RunTag("t", "1")])
    client.set_terminated(old, "KILLED", end_time=start + 61)
    client.delete_experiment(archived)
    fill_registry(client, child, model)


main()
