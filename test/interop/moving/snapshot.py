"""Prints, as JSON, everything that MLflow's own client sees in a store. Two stores with the same content print the same.

Usage: snapshot.py <tracking uri>

Left out is what may differ: ids of experiments, locations of artifacts, the time an experiment was last changed, and the
tag in which a registry notes on a logged model where it was registered.
"""

import hashlib
import json
import os
import sys
import tempfile

import mlflow
import numpy
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

registered_tag = "mlflow.modelVersions"


def number(value):
    # Databases of MLflow keep an infinity as the largest number.
    if abs(value) > 1.7e308:
        return "Infinity" if value > 0 else "-Infinity"
    return "NaN" if value != value else value


def digests(folder):
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


def download(**of):
    with tempfile.TemporaryDirectory() as folder:
        mlflow.artifacts.download_artifacts(dst_path=folder, **of)
        return digests(folder)


def run_files(client, run):
    return download(run_id=run.info.run_id, artifact_path="") if client.list_artifacts(run.info.run_id) else {}


def snapshot_run(client, run):
    info = run.info
    histories = {
        # File stores keep exact repeats; as points they are one.
        key: sorted(
            {(point.timestamp, point.step, str(number(point.value))) for point in client.get_metric_history(info.run_id, key)}
        )
        for key in run.data.metrics
    }
    return {
        "name": info.run_name,
        "user": info.user_id,
        "status": info.status,
        "times": [info.start_time, info.end_time],
        "stage": info.lifecycle_stage,
        "params": run.data.params,
        "tags": run.data.tags,
        "latest": {key: number(value) for key, value in run.data.metrics.items()},
        "histories": histories,
        "datasets": [
            [one.dataset.to_dictionary(), {tag.key: tag.value for tag in one.tags}] for one in run.inputs.dataset_inputs
        ],
        "model_inputs": sorted(one.model_id for one in run.inputs.model_inputs),
        "model_outputs": sorted([one.model_id, one.step] for one in run.outputs.model_outputs),
        "files": run_files(client, run) if info.lifecycle_stage == "active" else {},
    }


def snapshot_model(client, model):
    return {
        "name": model.name,
        "type": model.model_type or None,
        "status": str(model.status),
        "run": model.source_run_id,
        "created": model.creation_timestamp,
        "params": model.params,
        "tags": {key: value for key, value in model.tags.items() if key != registered_tag},
        "metrics": sorted([one.key, one.value, one.timestamp, one.step, one.run_id] for one in model.metrics or []),
        "files": download(artifact_uri=f"models:/{model.model_id}"),
    }


def snapshot_experiment(client, experiment):
    ids = [experiment.experiment_id]
    active = experiment.lifecycle_stage == "active"
    runs = client.search_runs(ids, run_view_type=ViewType.ALL)
    models = client.search_logged_models(ids) if active else []
    return {
        "stage": experiment.lifecycle_stage,
        "created": experiment.creation_time if experiment.name != "Default" else None,
        "tags": experiment.tags,
        "runs": {run.info.run_id: snapshot_run(client, client.get_run(run.info.run_id)) for run in runs},
        "models": {model.model_id: snapshot_model(client, model) for model in models},
    }


def snapshot_registered(client, model):
    model = client.get_registered_model(model.name)
    versions = client.search_model_versions(f"name = '{model.name}'")
    return {
        "description": model.description or "",
        "tags": model.tags,
        "times": [model.creation_timestamp, model.last_updated_timestamp],
        "aliases": {alias: str(version) for alias, version in model.aliases.items()},
        "versions": {
            str(version.version): {
                "stage": version.current_stage,
                "source": version.source,
                "run": version.run_id,
                "description": version.description or "",
                "status": version.status,
                "tags": version.tags,
                "times": [version.creation_timestamp, version.last_updated_timestamp],
            }
            for version in versions
        },
    }


def main():
    mlflow.set_tracking_uri(sys.argv[1])
    mlflow.set_registry_uri(sys.argv[1])
    client = MlflowClient()
    champion = mlflow.pyfunc.load_model("models:/delays@champion")
    everything = {
        "experiments": {
            one.name: snapshot_experiment(client, one) for one in client.search_experiments(view_type=ViewType.ALL)
        },
        "models": {one.name: snapshot_registered(client, one) for one in client.search_registered_models()},
        "predictions": [int(one) for one in champion.predict(numpy.array([[0.2], [2.8]]))],
    }
    json.dump(everything, sys.stdout, sort_keys=True)


main()
