"""Feast's client against the server at FEAST_URL (its address ends in /feast): reads, writes and errors."""

import os
import sys
from datetime import datetime, timedelta, timezone

import pandas as pd
from feast.data_source import PushMode
from feast.errors import FeatureServiceNotFoundException, FeatureViewNotFoundException, FeastError

from store import open_store

url, folder = os.environ["FEAST_URL"], sys.argv[1]
store = open_store(folder, url)
now = datetime.now(timezone.utc).replace(microsecond=0)


def read(features, store=store, **keys):
    return store.get_online_features(
        features=features, entity_rows=[dict(zip(keys, row)) for row in zip(*keys.values())]
    ).to_dict()


def equal(got, wanted):
    assert got == wanted, f"got {got}, not {wanted}"


# The client reads its own offline store and writes the rows to the server.
store.materialize(datetime(2026, 1, 1, tzinfo=timezone.utc) - timedelta(days=1), now, feature_views=["trips"])
equal(
    read(["trips:fare", "trips:city"], driver_id=[1001, 1001, 1002, 5], customer_id=["c1", "c2", "c1", "c1"]),
    {
        "driver_id": [1001, 1001, 1002, 5],
        "customer_id": ["c1", "c2", "c1", "c1"],
        "fare": [7.5, 8.0, 9.25, None],
        "city": ["Graz", None, "Wien", None],
    },
)

rows = pd.DataFrame(
    {
        "driver_id": [1001, 1002],
        "conv_rate": pd.Series([1.0, 0.25], dtype="float32"),
        "acc_rate": [0.1, None],
        "avg_daily_trips": [3, 2**53 - 1],
        "is_new": [True, False],
        "last_seen": [now, now - timedelta(hours=1)],
        "tags": [["a"], ["b"]],
        "event_timestamp": [now, now - timedelta(hours=30)],
        "created": [now, now],
    }
)
store.write_to_online_store("driver_stats", df=rows)
names = ["conv_rate", "acc_rate", "avg_daily_trips", "is_new", "last_seen"]
asked = [f"driver_stats:{name}" for name in names]
first = {
    "driver_id": 1001,
    "conv_rate": 1.0,
    "acc_rate": 0.1,
    "avg_daily_trips": 3,
    "is_new": True,
    "last_seen": int(now.timestamp()),
}
got = read(asked, driver_id=[1001, 1002])
equal({name: values[0] for name, values in got.items()}, first)
assert [type(values[0]) for values in got.values()] == [int, float, float, int, bool, int]
# Older than the ttl of a day: not used here, served by Feast's own server.
equal({name: values[1] for name, values in got.items() if name in names}, dict.fromkeys(names))
exact = read(asked, store=open_store(folder, f"{url}/exact"), driver_id=[1002])
equal([exact["conv_rate"], exact["avg_daily_trips"], exact["acc_rate"]], [[0.25], [2**53 - 1], [None]])

# Newer values replace older ones, whatever comes last.
newer = rows.head(1).assign(conv_rate=[0.5], event_timestamp=[now + timedelta(seconds=2)])
store.push("driver_stats_push", newer, to=PushMode.ONLINE)
store.push("driver_stats_push", rows.head(1), to=PushMode.ONLINE)
equal(read(asked[:1], driver_id=[1001])["conv_rate"], [0.5])

# Services, by name and as objects; full names.
equal(read(store.get_feature_service("rates"), driver_id=[1001])["acc_rate"], [0.1])
full = store.get_online_features(
    features=store.get_feature_service("renamed"),
    entity_rows=[{"driver_id": 1001, "customer_id": "c1"}],
    full_feature_names=True,
).to_dict()
equal(sorted(full), ["customer_id", "driver_id", "today__conv_rate", "trips__city", "trips__fare"])


def raises(error, features, **keys):
    try:
        read(features, **keys)
    except error as raised:
        return str(raised)
    raise AssertionError(f"{features} did not raise {error.__name__}")


assert "none" in raises(FeatureViewNotFoundException, ["none:a"], driver_id=[1])
assert "whole number" in raises(FeastError, asked[:1], driver_id=["x"])
service = store.get_feature_service("rates")
service.name = "none"
raises(FeatureServiceNotFoundException, service, driver_id=[1])
