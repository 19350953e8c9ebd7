"""Serves the same values with Feast: its feature server over SQLite, or reads within one process."""

import json
import socket
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas
from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.repo_config import RepoConfig
from feast.types import Float64

mode, folder = sys.argv[1], Path(sys.argv[2])
keys, per_view, views = 2000, 50, 5
known_at = datetime(2026, 1, 1, tzinfo=timezone.utc)

folder.mkdir(parents=True, exist_ok=True)
for name in ("registry.db", "online.db"):
    (folder / name).unlink(missing_ok=True)
store = FeatureStore(
    config=RepoConfig(
        project="bench",
        provider="local",
        registry=str(folder / "registry.db"),
        online_store={"type": "sqlite", "path": str(folder / "online.db")},
        entity_key_serialization_version=3,
    )
)
user = Entity(name="user", join_keys=["user"], value_type=ValueType.INT64)
names = [[f"v{view}_f{i}" for i in range(per_view)] for view in range(views)]
frames = []
for view in range(views):
    columns = {"user": range(keys), "at": known_at}
    for i, name in enumerate(names[view]):
        columns[name] = [key + (view * per_view + i) / 8 for key in range(keys)]
    frames.append(pandas.DataFrame(columns))
    frames[view].to_parquet(folder / f"v{view}.parquet")
feature_views = [
    FeatureView(
        name=f"v{view}",
        entities=[user],
        ttl=timedelta(0),
        schema=[Field(name=name, dtype=Float64) for name in names[view]],
        source=FileSource(path=str(folder / f"v{view}.parquet"), timestamp_field="at"),
    )
    for view in range(views)
]
services = {
    "one_view": FeatureService(name="one_view", features=feature_views[:1]),
    "all_views": FeatureService(name="all_views", features=feature_views),
}
store.apply([user, *feature_views, *services.values()])
for view in range(views):
    store.write_to_online_store(f"v{view}", frames[view])

if mode == "serve":
    import uvicorn
    from feast.feature_server import get_app

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            print(f"ready http://127.0.0.1:{port}/get-online-features", flush=True)

    config = uvicorn.Config(get_app(store), host="127.0.0.1", port=port, log_level="warning", access_log=False)
    Server(config).run()
else:
    service, count = ("one_view", 1) if mode == "1x50" else ("all_views", 100)
    resolved = store.get_feature_service(service)
    times = []
    warm_up, reads = 20, 200 if count == 1 else 30
    for n in range(warm_up + reads):
        rows = [{"user": (n * 7919 + i * 31) % keys} for i in range(count)]
        start = time.perf_counter()
        store.get_online_features(features=resolved, entity_rows=rows).to_dict()
        if n >= warm_up:
            times.append(time.perf_counter() - start)
    print(json.dumps({"p50Us": sorted(times)[len(times) // 2] * 1e6}))
