"""Materializes one case with Feast into its SQLite store. Prints {"seconds", "cpuSeconds", "peakMb", "values"}."""

import json
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64

folder, start_ms, until_ms, names, keys = sys.argv[1:]
names, keys = json.loads(names), json.loads(keys)
start, until = (datetime.fromtimestamp(int(ms) / 1000, timezone.utc) for ms in (start_ms, until_ms))

user = Entity(name="user", join_keys=["user"], value_type=ValueType.INT64)
view = FeatureView(
    name="users",
    entities=[user],
    ttl=timedelta(0),
    schema=[Field(name=name, dtype=Float64) for name in names],
    source=FileSource(path=str(Path(folder) / "rows.parquet"), timestamp_field="at"),
)
with tempfile.TemporaryDirectory(dir=folder) as state:
    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            registry=f"{state}/registry.db",
            provider="local",
            offline_store={"type": "duckdb"},
            online_store={"type": "sqlite", "path": f"{state}/online.db"},
            entity_key_serialization_version=3,
        )
    )
    store.apply([user, view])
    cpu = time.process_time()
    started = time.perf_counter()
    store.materialize(start_date=start, end_date=until, feature_views=["users"])
    seconds = time.perf_counter() - started
    cpu_seconds = time.process_time() - cpu
    found = store.get_online_features(
        features=[f"users:{name}" for name in names], entity_rows=[{"user": key} for key in keys]
    ).to_dict()

peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
values = [found[name] for name in names]
print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "peakMb": peak_mb, "values": values}))
