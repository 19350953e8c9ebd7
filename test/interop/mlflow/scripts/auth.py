"""A server with a token: as bearer, as password, missing, wrong."""
import os
import sys

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

url, token = os.environ["MLFLOW_TRACKING_URI"], sys.argv[1]
names = ["MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]


def with_credentials(**given):
    for name in names:
        os.environ.pop(name, None)
    os.environ.update(given)
    return MlflowClient()


for given in [
    {"MLFLOW_TRACKING_TOKEN": token},
    {"MLFLOW_TRACKING_USERNAME": "zoë", "MLFLOW_TRACKING_PASSWORD": token},
]:
    client = with_credentials(**given)
    assert client.get_experiment("0").name == "Default"
    run = client.create_run("0")
    client.log_text(run.info.run_id, "secret", "a/b.txt")
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a/b.txt") == "secret"
assert client.create_registered_model("owned").name == "owned"

for given in [
    {},
    {"MLFLOW_TRACKING_TOKEN": "wrong"},
    {"MLFLOW_TRACKING_USERNAME": "zoë", "MLFLOW_TRACKING_PASSWORD": "wrong"},
]:
    client = with_credentials(**given)
    try:
        client.get_experiment("0")
    except MlflowException as error:
        assert error.error_code == "UNAUTHENTICATED", error.error_code
        assert "You are not authenticated." in str(error), error
    else:
        raise AssertionError(given)

for path in [
    "/api/2.0/mlflow/experiments/get?experiment_id=0",
    "/ajax-api/2.0/mlflow/experiments/get?experiment_id=0",
    f"/api/2.0/mlflow-artifacts/artifacts/0/{run.info.run_id}/artifacts/a/b.txt",
    f"/get-artifact?run_id={run.info.run_id}&path=a/b.txt",
    "/api/2.0/mlflow/none",
    "/api/3.0/mlflow/traces/x",
]:
    answer = requests.get(url + path)
    assert answer.status_code == 401, (path, answer.status_code)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="mlflow"', path
    assert answer.text.startswith("You are not authenticated."), path
assert requests.get(url + "/version").status_code == 401
assert requests.get(url + "/health").text == "OK"
