"""The repository of repo.py in a folder, with an own registry file."""

import os
import sys

import pandas as pd
from feast import FeatureStore, RepoConfig

sys.path.insert(0, os.path.dirname(__file__))
import repo


def open_store(folder, url=None, **config):
    """The objects in the registry of `folder`; values come from the server at `url`, or from a file."""
    online = {"type": "remote", "path": url} if url else {"type": "sqlite", "path": f"{folder}/online.db"}
    return FeatureStore(
        config=RepoConfig(
            project="rides",
            provider="local",
            registry=f"{folder}/registry.db",
            online_store=online,
            offline_store={"type": "dask"},
            entity_key_serialization_version=3,
            repo_path=folder,
            **config,
        )
    )


def write_sources(folder):
    """Some rows of each file that the repository reads."""
    os.makedirs(f"{folder}/data", exist_ok=True)
    times = pd.to_datetime(["2026-01-01T00:00:00Z", "2026-01-01T12:00:00Z", "2026-01-01T12:00:01Z"])
    pd.DataFrame(
        {
            "event_timestamp": times,
            "created": times,
            "driver_id": [1001, 1001, 1002],
            "conv_rate": pd.Series([0.25, 0.5, 1.0], dtype="float32"),
            "acc_rate": [0.5, None, 2.0],
            "avg_daily_trips": [10, 11, 12],
            "is_new": [True, False, True],
            "last_seen": times.floor("s"),
            "tags": [["a"], ["b"], []],
        }
    ).to_parquet(f"{folder}/data/driver_stats.parquet")
    pd.DataFrame(
        {
            "at": times,
            "driver": [1001, 1001, 1002],
            "customer_id": ["c1", "c2", "c1"],
            "amount": [7.5, 8.0, 9.25],
            "city": ["Graz", None, "Wien"],
        }
    ).to_parquet(f"{folder}/data/trips.parquet")


def apply(folder):
    os.makedirs(folder, exist_ok=True)
    write_sources(folder)
    store = open_store(folder)
    store.apply(repo.objects)
    return store
