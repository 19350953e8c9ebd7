"""A feature repository of a ride service, as users of Feast write it: what can be moved, and what cannot."""

from datetime import timedelta

import pandas as pd
from feast import (
    Entity,
    FeatureService,
    FeatureView,
    Field,
    FileSource,
    PushSource,
    RequestSource,
    ValueType,
)
from feast.infra.offline_stores.bigquery_source import BigQuerySource
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Array, Bool, Float32, Float64, Int64, String, UnixTimestamp

driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.STRING)

driver_stats_source = FileSource(
    name="driver_stats_source",
    path="data/driver_stats.parquet",
    timestamp_field="event_timestamp",
    created_timestamp_column="created",
)
driver_stats_push = PushSource(name="driver_stats_push", batch_source=driver_stats_source)
trips_source = FileSource(
    path="data/trips.parquet",
    timestamp_field="at",
    field_mapping={"driver": "driver_id", "amount": "fare"},
)
warehouse = BigQuerySource(name="warehouse", table="project.dataset.table", timestamp_field="ts")

driver_stats = FeatureView(
    name="driver_stats",
    entities=[driver],
    ttl=timedelta(days=1),
    schema=[
        Field(name="driver_id", dtype=Int64),
        Field(name="conv_rate", dtype=Float32),
        Field(name="acc_rate", dtype=Float64),
        Field(name="avg_daily_trips", dtype=Int64),
        Field(name="is_new", dtype=Bool),
        Field(name="last_seen", dtype=UnixTimestamp),
        Field(name="tags", dtype=Array(String)),
    ],
    source=driver_stats_push,
)
trips = FeatureView(
    name="trips",
    entities=[driver, customer],
    ttl=timedelta(0),
    schema=[
        Field(name="driver_id", dtype=Int64),
        Field(name="customer_id", dtype=String),
        Field(name="fare", dtype=Float64),
        Field(name="city", dtype=String),
    ],
    source=trips_source,
)
spending = FeatureView(
    name="spending",
    entities=[customer],
    schema=[Field(name="customer_id", dtype=String), Field(name="spent", dtype=Float64)],
    source=warehouse,
)
request = RequestSource(name="request", schema=[Field(name="bonus", dtype=Float64)])


@on_demand_feature_view(
    sources=[driver_stats, request],
    schema=[Field(name="rate_with_bonus", dtype=Float64)],
)
def with_bonus(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"rate_with_bonus": inputs["conv_rate"] + inputs["bonus"]})


rates = FeatureService(name="rates", features=[driver_stats[["conv_rate", "acc_rate"]]])
rides = FeatureService(name="rides", features=[trips])
renamed = FeatureService(name="renamed", features=[driver_stats[["conv_rate"]].with_name("today"), trips])
bonus = FeatureService(name="bonus", features=[driver_stats[["conv_rate"]], with_bonus])

objects = [
    driver,
    customer,
    driver_stats_source,
    driver_stats_push,
    trips_source,
    warehouse,
    driver_stats,
    trips,
    spending,
    with_bonus,
    rates,
    rides,
    renamed,
    bonus,
]
