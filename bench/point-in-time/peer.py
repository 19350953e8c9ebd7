"""Joins one case with Feast. Prints {"seconds", "peakMb"} of reading the spine, joining and writing Parquet."""

import json
import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pandas
import pyarrow.parquet
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, Int64

store_type, folder, output, ttl_days, memory_limit_mb, columns = sys.argv[1:]
limit = int(memory_limit_mb) * 2**20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
types = {"float64": Float64, "int64": Int64}

driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
views = [
    FeatureView(
        name=f"view{i}",
        entities=[driver],
        ttl=timedelta(days=int(ttl_days)),
        schema=[Field(name=column["name"], dtype=types[column["type"]]) for column in features],
        source=FileSource(path=str(Path(folder) / f"view{i}.parquet"), timestamp_field="event_timestamp"),
    )
    for i, features in enumerate(json.loads(columns))
]

with tempfile.TemporaryDirectory() as state:
    store = FeatureStore(
        config=RepoConfig(
            project="bench",
            registry=f"{state}/registry.db",
            provider="local",
            offline_store={"type": store_type},
            online_store={"type": "sqlite", "path": f"{state}/online.db"},
            entity_key_serialization_version=3,
        )
    )
    store.apply([driver, *views])
    references = [f"{view.name}:{field.name}" for view in views for field in view.features]

    started = time.perf_counter()
    spine = pandas.read_parquet(Path(folder) / "entities.parquet")
    job = store.get_historical_features(entity_df=spine, features=references)
    pyarrow.parquet.write_table(job.to_arrow(), output)
    seconds = time.perf_counter() - started

peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "peakMb": peak_kb / 1024}))
