"""Files of runs: up, down, lists, figures, unusual names, large ones in parts."""
import os
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
import numpy as np
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from requests import HTTPError

client = MlflowClient()
mlflow.set_experiment("artifacts")
folder = Path(tempfile.mkdtemp())
names = ["plain.txt", "a b ü +&=.txt", "deep/er/名前.bin", "empty"]
for name in names:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"" if name == "empty" else os.urandom(1000))

with mlflow.start_run() as run:
    mlflow.log_artifacts(str(folder), "folder")
    mlflow.log_artifact(str(folder / "plain.txt"))
    mlflow.log_text("text ✓", "notes/text.txt")
    mlflow.log_dict({"a": [1, 2]}, "notes/dict.json")
    mlflow.log_table({"x": [1, 2], "y": ["a", "b"]}, "table.json")
    figure, axes = plt.subplots()
    axes.plot([0, 1])
    mlflow.log_figure(figure, "plots/line.png")
    mlflow.log_image(np.zeros((8, 8, 3), dtype=np.uint8), "plots/black.png")
run_id = run.info.run_id

listed = {(f.path, f.is_dir) for f in client.list_artifacts(run_id)}
assert listed == {("folder", True), ("plain.txt", False), ("notes", True), ("table.json", False), ("plots", True)}, listed
inside = {f.path: f.file_size for f in client.list_artifacts(run_id, "folder") if not f.is_dir}
assert inside == {"folder/plain.txt": 1000, "folder/a b ü +&=.txt": 1000, "folder/empty": 0}, inside
there = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="folder"))
for name in names:
    assert (there / name).read_bytes() == (folder / name).read_bytes(), name
assert mlflow.artifacts.load_text(f"runs:/{run_id}/notes/text.txt") == "text ✓"
assert mlflow.artifacts.load_dict(run.info.artifact_uri + "/notes/dict.json") == {"a": [1, 2]}
assert len(mlflow.load_table("table.json", run_ids=[run_id])) == 2
assert mlflow.artifacts.load_image(run.info.artifact_uri + "/plots/black.png").size == (8, 8)

for path in ["../../outside", "a/../../b", "/etc/passwd"]:
    try:
        client.list_artifacts(run_id, path)
    except (MlflowException, HTTPError) as error:
        assert "Invalid path" in str(error), error
    else:
        raise AssertionError(path)
try:
    mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="none.txt")
except (MlflowException, HTTPError) as error:
    assert "none.txt" in str(error), error
else:
    raise AssertionError("downloaded what does not exist")

# In parts.
os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"] = str(6 * 1024**2)
os.environ["MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"] = str(5 * 1024**2)
large = folder / "large.bin"
large.write_bytes(os.urandom(17 * 1024**2 + 3))
client.log_artifact(run_id, str(large), "parts")
copy = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="parts/large.bin"))
assert copy.read_bytes() == large.read_bytes()

repository = get_artifact_repository(client.get_run(run_id).info.artifact_uri)
repository.delete_artifacts("folder")
assert client.list_artifacts(run_id, "folder") == []
