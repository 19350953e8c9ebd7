"""Habits of the wire that the client does not show."""
import json
import os

import requests

url = os.environ["MLFLOW_TRACKING_URI"]


def call(method, path, **more):
    answer = requests.request(method, url + path, **more)
    return answer.status_code, (answer.json() if "json" in answer.headers["content-type"] else answer.text)


api = "/api/2.0/mlflow"
assert call("GET", "/version") == (200, "3.17.2")
assert call("GET", "/api/3.0/mlflow/server-info")[1]["workspaces_enabled"] is False
for prefix in ["/api", "/ajax-api"]:
    status, answer = call("GET", f"{prefix}/2.0/mlflow/experiments/get?experiment_id=0")
    assert status == 200 and answer["experiment"]["name"] == "Default"

# A GET with a body, a body encoded twice, integers as text, both names of a run.
assert call("GET", f"{api}/experiments/get", json={"experiment_id": "0"})[0] == 200
assert call("POST", f"{api}/experiments/search", json=json.dumps({"max_results": "5"}))[0] == 200
run = call("POST", f"{api}/runs/create", json={"experiment_id": "0", "start_time": "5", "unknown": 1})[1]["run"]
id = run["info"]["run_id"]
assert run["info"]["run_uuid"] == id and run["info"]["start_time"] == 5 and "end_time" not in run["info"]
assert call("POST", f"{api}/runs/log-metric", json={"run_uuid": id, "key": "m", "value": "NaN", "timestamp": "1", "step": "-3"}) == (200, {})
assert call("POST", f"{api}/runs/log-metric", json={"runId": id, "key": "n", "value": "Infinity", "timestamp": 1})[0] == 200
metrics = {m["key"]: m for m in call("GET", f"{api}/runs/get?run_uuid={id}")[1]["run"]["data"]["metrics"]}
assert metrics["m"] == {"key": "m", "value": "NaN", "timestamp": 1, "step": -3}
assert metrics["n"]["value"] == 1.7976931348623157e308 and metrics["n"]["step"] == 0
assert call("POST", f"{api}/runs/update", json={"run_id": id, "status": 3})[1]["run_info"]["status"] == "FINISHED"
assert call("POST", f"{api}/runs/update", json={"run_id": id, "status": "BOGUS"})[1]["run_info"]["status"] == "FINISHED"
assert len(call("GET", f"{api}/metrics/get-history?run_id={id}&metric_key=m")[1]["metrics"]) == 1
assert call("GET", f"{api}/metrics/get-history?run_id=none&metric_key=m") == (200, {})
bulk = f"{api}/metrics/get-history-bulk-interval?run_ids={id}&run_ids=none&metric_key=m"
assert call("GET", bulk)[1]["metrics"][0]["run_id"] == id
assert call("GET", f"/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id={id}&metric_key=m")[1]["metrics"][0]["value"] == "NaN"
assert call("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", json={"experiment_ids": ["0"]}) == (200, {})

# Refusals: MLflow's code, status and words; never 5xx for a mistake.
for method, path, more, status, code, text in [
    ("POST", "/runs/log-metric", {"json": {"run_id": id}}, 400, "INVALID_PARAMETER_VALUE", "Missing value for required parameter 'key'"),
    ("POST", "/runs/log-batch", {"json": {"run_id": id, "metrics": [{"key": "a", "timestamp": 1}]}}, 400, "INVALID_PARAMETER_VALUE", "'metrics[0].value'"),
    ("POST", "/experiments/create", {"json": {"name": 5}}, 400, "INVALID_PARAMETER_VALUE", "Invalid value 5 for parameter 'name' supplied"),
    ("POST", "/experiments/create", {"json": []}, 400, "INVALID_PARAMETER_VALUE", "JSON object"),
    ("POST", "/experiments/create", {"data": "{}", "headers": {"content-type": "text/plain"}}, 400, "INVALID_PARAMETER_VALUE", "Content-Type must be one of ['application/json']"),
    ("POST", "/experiments/search", {"json": {}}, 400, "INVALID_PARAMETER_VALUE", "It must be a positive integer"),
    ("GET", "/experiments/get?experiment_id=abc", {}, 400, "INVALID_PARAMETER_VALUE", "must be a valid integer"),
    ("GET", "/logged-models/m-1?allow_deleted=maybe", {}, 400, "INVALID_PARAMETER_VALUE", "allow_deleted"),
    ("POST", "/runs/log-batch", {"json": {"run_id": id, "params": [{"key": f"k{i}", "value": ""} for i in range(101)]}}, 400, "INVALID_PARAMETER_VALUE", "at most 100 params"),
    ("POST", "/runs/log-model", {"json": {"run_id": id, "model_json": "{}"}}, 400, "INVALID_PARAMETER_VALUE", "missing mandatory fields"),
    ("POST", "/runs/search", {"json": {"order_by": ["metrics.a", "metrics.a"]}}, 400, "INVALID_PARAMETER_VALUE", ""),
    ("GET", "/none", {}, 404, "ENDPOINT_NOT_FOUND", "There is no endpoint"),
    ("POST", "/traces", {"json": {}}, 501, "NOT_IMPLEMENTED", "does not implement"),
    ("POST", "/artifacts/presigned-upload-url", {"json": {"run_id": id, "path": "a"}}, 400, "INVALID_PARAMETER_VALUE", "not supported"),
]:
    got, answer = call(method, api + path, **more)
    assert (got, answer["error_code"]) == (status, code) and text in answer["message"], (path, got, answer)

# The proxy: no way out of the store, ranges, idempotent deletion.
proxy = "/api/2.0/mlflow-artifacts"
assert call("PUT", f"{proxy}/artifacts/0/{id}/artifacts/a.txt", data=b"0123456789") == (200, {})
part = requests.get(f"{url}{proxy}/artifacts/0/{id}/artifacts/a.txt", headers={"range": "bytes=2-4"})
assert (part.status_code, part.text, part.headers["x-content-type-options"]) == (206, "234", "nosniff")
assert call("GET", f"{proxy}/artifacts?path=0/{id}/artifacts")[1]["files"] == [{"path": "a.txt", "is_dir": False, "file_size": 10}]
assert call("GET", f"{proxy}/artifacts?path=0/none") == (200, {})
assert call("GET", f"{proxy}/artifacts/0/none.txt")[1]["error_code"] == "RESOURCE_DOES_NOT_EXIST"
for path in ["..%2f..%2fetc", "0/%252e%252e/x", "0/a%5cb", "0/a%23b"]:
    assert call("PUT", f"{proxy}/artifacts/{path}", data=b"x")[0] == 400, path
assert call("GET", f"{proxy}/presigned/0/x")[1]["error_code"] == "NOT_IMPLEMENTED"
assert requests.get(f"{url}/get-artifact?run_uuid={id}&path=a.txt").text == "0123456789"
assert call("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={id}&path=up.txt", data=b"up")[0] == 200
files = call("GET", f"{api}/artifacts/list?run_id={id}")[1]["files"]
assert [f["path"] for f in files] == ["a.txt", "up.txt"]
for _ in range(2):
    assert call("DELETE", f"{proxy}/artifacts/0/{id}/artifacts/a.txt") == (200, {})
