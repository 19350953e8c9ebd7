"""Runs the suite with Great Expectations. Prints {"seconds", "peakMb", "results"}: from the file to all results."""

import json
import logging
import os
import resource
import sys
import time
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import great_expectations as gx
import pandas
from great_expectations.core.expectation_suite import ExpectationSuite

folder, suite_file = sys.argv[1:]
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False, "metric_calculations": False}
# Added one by one, it takes expectations of one type and column for the same one and drops them.
with open(suite_file) as text:
    expectations = [{**one, "meta": {"place": place}} for place, one in enumerate(json.load(text))]
suite = ExpectationSuite("suite", expectations=expectations)

started = time.perf_counter()
asset = context.data_sources.add_pandas("source").add_dataframe_asset("table")
definition = asset.add_batch_definition_whole_dataframe("all")
batch = definition.get_batch({"dataframe": pandas.read_parquet(f"{folder}/table.parquet")})
outcome = batch.validate(suite, result_format="SUMMARY")
seconds = time.perf_counter() - started


def raised(info):
    """Whether one of a result's metrics failed."""
    return info["raised_exception"] if "raised_exception" in info else any(map(raised, info.values()))


# They come in an order of its own.
results = [None] * len(expectations)
for one in outcome.results:
    if raised(one.exception_info):
        raise SystemExit(f"{one.expectation_config.type} failed: {one.exception_info}")
    unexpected = one.result.get("unexpected_count") if "element_count" in one.result else None
    results[one.expectation_config.meta["place"]] = {"success": bool(one.success), "unexpected": unexpected}
peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "peakMb": peak_kb / 1024, "results": results}))
