"""Runs: single values, batches, nesting, searches, history, life cycle."""
import math
import time

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

client = MlflowClient()


def refused(call, code, text):
    try:
        call()
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, str(error))
        assert text in str(error), str(error)
    else:
        raise AssertionError(f"expected {code}")


experiment = mlflow.set_experiment("tracking")
assert mlflow.get_experiment_by_name("tracking").experiment_id == experiment.experiment_id
assert experiment.artifact_location == f"mlflow-artifacts:/{experiment.experiment_id}"
assert mlflow.get_experiment("0").name == "Default"

with mlflow.start_run(run_name="ünï ✓ 名前", tags={"team": "größe"}, description="a note") as parent:
    mlflow.log_param("depth", 3)
    mlflow.log_params({"rate": 0.1, "name": "baum 木"})
    mlflow.log_metric("loss", 0.5, step=1)
    mlflow.log_metrics({"loss": 0.25, "auc": 0.75}, step=2)
    mlflow.set_tag("long", "x" * 6000)
    mlflow.log_param("long", "y" * 6000)
    mlflow.log_param("longer", "z" * 7000)
    with mlflow.start_run(nested=True, run_name="child") as child:
        mlflow.log_metric("loss", 9.0)
run = client.get_run(parent.info.run_id)
assert run.info.run_name == "ünï ✓ 名前" and run.info.status == "FINISHED" and run.info.end_time >= run.info.start_time
assert run.data.params == {"depth": "3", "rate": "0.1", "name": "baum 木", "long": "y" * 6000, "longer": "z" * 6000}
assert run.data.metrics == {"loss": 0.25, "auc": 0.75}
assert run.data.tags["team"] == "größe" and run.data.tags["mlflow.note.content"] == "a note"
assert run.data.tags["long"] == "x" * 6000
assert client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"] == parent.info.run_id
run_id = parent.info.run_id

# Parameters never change, and nothing of a refused batch is kept.
client.log_param(run_id, "depth", 3)
refused(lambda: client.log_param(run_id, "depth", 4), "INVALID_PARAMETER_VALUE", "Changing param values is not allowed")
refused(
    lambda: client.log_batch(run_id, metrics=[Metric("half", 1.0, 1, 0)], params=[Param("depth", "5")]),
    "INVALID_PARAMETER_VALUE",
    "Changing param values is not allowed",
)
assert "half" not in client.get_run(run_id).data.metrics

# A batch, sent twice; special values.
now = int(time.time() * 1000)
batch = [Metric(f"m{i % 10}", i / 7, now + i, i) for i in range(900)]
special = [Metric("bad", math.nan, now, 0), Metric("up", math.inf, now, 0), Metric("down", -math.inf, now, 0)]
for _ in range(2):
    client.log_batch(run_id, metrics=batch + special, params=[Param("b", "1")], tags=[RunTag("t", "2")])
data = client.get_run(run_id).data
assert math.isnan(data.metrics["bad"]) and data.metrics["up"] > 1e308 and data.metrics["down"] < -1e308
assert data.metrics["m3"] == 893 / 7 and data.tags["t"] == "2"
assert [m.step for m in client.get_metric_history(run_id, "m3")] == list(range(3, 900, 10))
assert len(client.get_metric_history(run_id, "bad")) == 1

# History in pages.
many = client.create_run(experiment.experiment_id).info.run_id
for at in range(0, 3000, 1000):
    client.log_batch(many, metrics=[Metric("long", float(i), i, i) for i in range(at, at + 1000)])
first = client._tracking_client.store.get_metric_history(many, "long", max_results=1200)
second = client._tracking_client.store.get_metric_history(many, "long", max_results=1200, page_token=first.token)
assert [len(first), len(second)] == [1200, 1200] and second[0].step == 1200
assert len(client.get_metric_history(many, "long")) == 3000
assert client.get_metric_history("unknown", "long") == []

# Logging that does not wait.
mlflow.config.enable_async_logging(True)
with mlflow.start_run(run_name="async") as later:
    for i in range(200):
        mlflow.log_metric("late", i, step=i)
    mlflow.log_params({f"p{i}": i for i in range(50)})
    mlflow.flush_async_logging()
mlflow.config.enable_async_logging(False)
assert len(client.get_metric_history(later.info.run_id, "late")) == 200
assert len(client.get_run(later.info.run_id).data.params) == 50

# Data that went in.
frame = pd.DataFrame({"a": np.arange(5.0), "b": list("abcde")})
with mlflow.start_run(run_name="data") as with_data:
    mlflow.log_input(mlflow.data.from_pandas(frame, name="five", source="https://example.org/x.csv"), context="training")
inputs = client.get_run(with_data.info.run_id).inputs.dataset_inputs
assert inputs[0].dataset.name == "five" and inputs[0].tags[0].value == "training"
found = mlflow.search_runs(filter_string="dataset.name = 'five'", experiment_names=["tracking"])
assert list(found.run_id) == [with_data.info.run_id]

# Searches.
search = mlflow.set_experiment("search")
ids = []
for i in range(25):
    with mlflow.start_run(run_name=f"r{i}") as each:
        mlflow.log_params({"depth": i % 3, "kind": "A" if i % 2 else "a"})
        if i != 7:
            mlflow.log_metric("score", i / 10)
        mlflow.set_tag("team", f"team {i % 5}")
    ids.append(each.info.run_id)
names = lambda **of: list(mlflow.search_runs(experiment_names=["search"], **of).get("tags.mlflow.runName", []))
assert names(filter_string="metrics.score > 2.05 and params.depth = '0'", order_by=["metrics.score DESC"]) == ["r24", "r21"]
assert names(filter_string="params.kind LIKE 'A%' and tags.team = 'team 1'", order_by=["start_time"]) == ["r1", "r11", "r21"]
assert names(filter_string="params.kind ILIKE 'a' and metrics.score <= 0.1", order_by=["metrics.score"]) == ["r0", "r1"]
assert names(order_by=["metrics.score DESC"])[-1] == "r7" and names(order_by=["metrics.score ASC"])[-1] == "r7"
assert names(filter_string=f"run_id IN ('{ids[3]}', '{ids[4]}')", order_by=["start_time"]) == ["r3", "r4"]
assert names(filter_string="attributes.run_name = 'r5'") == ["r5"]
assert names(filter_string="attributes.status = 'FINISHED' and tags.`mlflow.runName` != 'r1'", max_results=3, order_by=["attributes.start_time ASC"]) == ["r0", "r2", "r3"]
page = client.search_runs([search.experiment_id], max_results=10, order_by=["metrics.score DESC"])
collected = [r.info.run_name for r in page]
while page.token:
    page = client.search_runs([search.experiment_id], max_results=10, order_by=["metrics.score DESC"], page_token=page.token)
    collected += [r.info.run_name for r in page]
assert collected == [f"r{i}" for i in reversed(range(25)) if i != 7] + ["r7"]
refused(lambda: client.search_runs([search.experiment_id], "a = 1 OR b = 2"), "INVALID_PARAMETER_VALUE", "Invalid clause(s) in filter string")
refused(lambda: client.search_runs([search.experiment_id], page_token="zz"), "INVALID_PARAMETER_VALUE", "Invalid page token")
refused(lambda: client.search_runs([search.experiment_id], max_results=60000), "INVALID_PARAMETER_VALUE", "max_results")
frame = mlflow.search_runs(experiment_names=["search"], order_by=["start_time"])
assert len(frame) == 25 and frame["metrics.score"].isna().sum() == 1 and frame["params.depth"][4] == "1"

# Deleting and restoring.
client.delete_run(ids[0])
refused(lambda: client.log_param(ids[0], "late", 1), "INVALID_PARAMETER_VALUE", "must be in the 'active' state")
assert len(client.search_runs([search.experiment_id])) == 24
assert [r.info.run_id for r in client.search_runs([search.experiment_id], run_view_type=ViewType.DELETED_ONLY)] == [ids[0]]
client.restore_run(ids[0])
client.delete_tag(ids[0], "team")
refused(lambda: client.delete_tag(ids[0], "team"), "RESOURCE_DOES_NOT_EXIST", "No tag with name: team")
client.update_run(ids[0], status="FAILED", name="renamed")
assert client.get_run(ids[0]).info.run_name == "renamed" and client.get_run(ids[0]).info.status == "FAILED"

other = client.create_experiment("other ✓", tags={"a": "b"})
client.set_experiment_tag(other, "c", "d")
client.delete_experiment_tag(other, "a")
assert client.get_experiment(other).tags == {"c": "d"}
refused(lambda: client.create_experiment("other ✓"), "RESOURCE_ALREADY_EXISTS", "already exists")
client.rename_experiment(other, "other 2")
client.delete_experiment(other)
assert client.get_experiment(other).lifecycle_stage == "deleted"
refused(lambda: client.create_run(other), "INVALID_PARAMETER_VALUE", "must be in the 'active' state")
assert "other 2" not in [e.name for e in client.search_experiments()]
assert [e.name for e in client.search_experiments(view_type=ViewType.DELETED_ONLY)] == ["other 2"]
client.restore_experiment(other)
assert [e.name for e in client.search_experiments(filter_string="tags.c = 'd' AND name LIKE 'other%'", order_by=["name ASC"])] == ["other 2"]
refused(lambda: client.get_experiment("99999"), "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=99999 exists")
refused(lambda: client.get_run("none"), "RESOURCE_DOES_NOT_EXIST", "Run with id=none not found")
refused(lambda: client.log_metric(run_id, "../up", 1), "INVALID_PARAMETER_VALUE", "../up")
