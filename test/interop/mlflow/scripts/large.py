"""One gigabyte, up and down."""
import hashlib
import os
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient

megabyte = os.urandom(1024**2)
folder = Path(tempfile.mkdtemp())
digest = hashlib.sha256()
with open(folder / "large.bin", "wb") as file:
    for i in range(1024):
        block = i.to_bytes(4, "big") + megabyte[4:]
        digest.update(block)
        file.write(block)
client = MlflowClient()
run = client.create_run("0").info.run_id
client.log_artifact(run, str(folder / "large.bin"))
os.remove(folder / "large.bin")
assert client.list_artifacts(run)[0].file_size == 1024**3
copy = mlflow.artifacts.download_artifacts(run_id=run, artifact_path="large.bin", dst_path=str(folder))
with open(copy, "rb") as file:
    assert hashlib.file_digest(file, "sha256").hexdigest() == digest.hexdigest()
os.remove(copy)
