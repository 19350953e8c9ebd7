"""Feast's client against a server that wants the token in MILLRACE_TOKEN."""

import os
import sys

from feast.errors import FeastPermissionError, FeatureViewNotFoundException

from store import open_store

url, folder = os.environ["FEAST_URL"], sys.argv[1]


def ask(error, **config):
    try:
        open_store(folder, url, **config).get_online_features(["none:a"], [{"driver_id": 1}])
    except error:
        return
    raise AssertionError(f"{error.__name__} was not raised")


ask(FeatureViewNotFoundException, auth={"type": "oidc", "token_env_var": "MILLRACE_TOKEN"})
ask(FeastPermissionError)
