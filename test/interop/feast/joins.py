"""Random tables with ties, nulls and rows at the very ends of the ttl, and what Feast's DuckDB store joins of them.

joins.py <folder> <seed>: writes the tables and registry.db there, and prints the joined rows as JSON.
"""

import json
import sys
from datetime import timedelta

import numpy as np
import pandas as pd
from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, Int64, String

folder, seed = sys.argv[1], int(sys.argv[2])
random = np.random.default_rng(seed)
start = np.datetime64("2026-01-01T00:00:00", "us")


def times(count):
    """Few enough to meet each other, the ends of the ttl, and a microsecond beside them."""
    hours = random.integers(0, 6, count)
    return start + hours.astype("timedelta64[h]").astype("timedelta64[us]") + random.integers(-1, 2, count)


def events(count, **columns):
    at = times(count)
    late = random.choice([0, 1, 1_800_000_000, 7_200_000_000], count).astype("timedelta64[us]")
    return pd.DataFrame(
        {"at": at, "created": at + late, "driver_id": random.integers(0, 8, count), **columns}
    )


def utc(frame, *names):
    return frame.assign(**{name: frame[name].dt.tz_localize("UTC") for name in names})


fast = events(
    400,
    trips=pd.array(random.integers(0, 100, 400), dtype="Int64"),
    rate=random.choice([0.1, 0.25, np.nan, -1.5], 400),
).drop_duplicates(["at", "created", "driver_id"])
fast.loc[fast.index % 5 == 0, "trips"] = pd.NA
slow = events(
    300,
    region=random.choice(["north", "south", "east"], 300),
    grade=random.choice(["a", "b", None], 300),
).drop_duplicates(["at", "created", "driver_id", "region"])
examples = pd.DataFrame(
    {
        "event_timestamp": times(500),
        "driver_id": random.integers(0, 10, 500),
        "region": random.choice(["north", "south", "west"], 500),
        "row_id": np.arange(500),
    }
)
for name, frame, columns in [
    ("fast", fast, ["at", "created"]),
    ("slow", slow, ["at", "created"]),
    ("examples", examples, ["event_timestamp"]),
]:
    utc(frame, *columns).to_parquet(f"{folder}/{name}.parquet", coerce_timestamps="us", index=False)

driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
region = Entity(name="region", join_keys=["region"], value_type=ValueType.STRING)


def view(name, entities, ttl, features):
    source = FileSource(
        name=name,
        path=f"{folder}/{name}.parquet",
        timestamp_field="at",
        created_timestamp_column="created",
    )
    return FeatureView(name=name, entities=entities, ttl=ttl, schema=features, source=source)


views = [
    view("fast", [driver], timedelta(hours=2), [Field(name="trips", dtype=Int64), Field(name="rate", dtype=Float64)]),
    view("slow", [driver, region], timedelta(0), [Field(name="grade", dtype=String)]),
]
service = FeatureService(name="both", features=views)
store = FeatureStore(
    config=RepoConfig(
        project="joins",
        provider="local",
        registry=f"{folder}/registry.db",
        online_store={"type": "sqlite", "path": f"{folder}/online.db"},
        offline_store={"type": "duckdb"},
        entity_key_serialization_version=3,
    )
)
store.apply([driver, region, *views, service])
joined = store.get_historical_features(
    entity_df=utc(examples, "event_timestamp"),
    features=service,
    filter_by_created_timestamp=True,
).to_df()
joined = joined.sort_values("row_id")[["row_id", "trips", "rate", "grade"]]
print(joined.astype(object).where(joined.notna(), None).to_json(orient="records"))
