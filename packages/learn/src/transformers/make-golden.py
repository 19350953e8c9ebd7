"""Writes fixtures/golden.json: what scikit-learn's transformers make of small columns.

Run with scikit-learn 1.9.1, numpy and scipy: python make-golden.py
"""

import json
import pathlib

import numpy as np
import scipy
import scipy.stats
import sklearn
import sklearn.preprocessing
from sklearn.feature_extraction import FeatureHasher
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

random = np.random.default_rng(7)
rows = 60
x = np.float32(random.normal(3, 2, rows)).astype(float)
y = np.round(random.exponential(4, rows))
constant = np.full(rows, 5.0)
weights = random.integers(0, 4, rows).astype(float)
weights[:2] = 1
gap = x.copy()
gap[::7] = np.nan
city = random.choice(["Bern", "Rome", "Oslo", "Paris", "Lima"], rows, p=[0.4, 0.3, 0.15, 0.1, 0.05]).astype(object)
holey = city.copy()
holey[::9] = None
target = np.round(random.normal(0, 1, rows) + (city == "Rome") * 2, 3)
binary = (target > 0.3).astype(int)
several = np.array([f"c{int(value) % 3}" for value in np.abs(y)])
fresh = np.float32([-100, 0, 1.5, 3, 3.25, 100]).astype(float)
table = np.column_stack([x, y])


def plain(values):
    """Nested lists with None for NaN, rows first."""
    return [[None if isinstance(v, float) and np.isnan(v) else float(v) for v in row] for row in np.asarray(values)]


cases = {}


def numbers(name, transformer, data, sample_weight=None, new=None):
    fit = transformer.fit(data) if sample_weight is None else transformer.fit(data, sample_weight=sample_weight)
    cases[name] = {"rows": plain(fit.transform(data))}
    if new is not None:
        cases[name]["fresh"] = plain(fit.transform(new))


both = np.column_stack([gap, y])
new = np.column_stack([fresh, fresh])
numbers("standardScale", StandardScaler(), np.column_stack([gap, y, constant]))
numbers("standardScale weighted", StandardScaler(), table, weights)
numbers("minMaxScale", MinMaxScaler(feature_range=(-1, 3), clip=True), both, new=new)
numbers("robustScale", RobustScaler(quantile_range=(10, 80), unit_variance=True), both, new=new)
numbers("quantileTransform", QuantileTransformer(n_quantiles=20), both, new=new)
# Shares of 1/32 are exact, so that the rounding of numpy's percentiles does not tear apart values that are equal.
numbers("quantileTransform normal", QuantileTransformer(n_quantiles=33, output_distribution="normal"), both, new=new)
for strategy in ["quantile", "uniform", "kmeans"]:
    numbers(f"binning {strategy}", KBinsDiscretizer(4, encode="ordinal", strategy=strategy), table, new=new)
    numbers(f"binning {strategy} weighted", KBinsDiscretizer(4, encode="ordinal", strategy=strategy), table, weights)
numbers("binning one-hot", KBinsDiscretizer(3, encode="onehot-dense"), table)
for strategy in ["mean", "median", "most_frequent"]:
    numbers(f"impute {strategy}", SimpleImputer(strategy=strategy, add_indicator=True), both)
numbers("interactions", PolynomialFeatures(interaction_only=True, include_bias=False), np.column_stack([x, y, constant]))
numbers("interactions squares", PolynomialFeatures(include_bias=False), table)
numbers("log1p", sklearn.preprocessing.FunctionTransformer(np.log1p), np.column_stack([np.abs(x), y * 1e-6]))

texts = city.reshape(-1, 1)
holes = holey.reshape(-1, 1)
# To OrdinalEncoder only NaN is missing, None is a category.
not_numbers = np.array([[np.nan if value is None else value] for value in holey], dtype=object)
unseen = np.array([["Bern"], ["Kyiv"], ["Oslo"]], dtype=object)


def categories(name, encoder, data):
    fit = encoder.fit(data)
    cases[name] = {
        "rows": plain(fit.transform(data)),
        "fresh": plain(fit.transform(unseen)),
        "names": list(fit.get_feature_names_out(["city"])),
    }


categories("oneHot", OneHotEncoder(handle_unknown="ignore", sparse_output=False), holes)
categories("oneHot first", OneHotEncoder(handle_unknown="ignore", sparse_output=False, drop="first"), texts)
categories("oneHot rare", OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False, min_frequency=8), holes)
categories("oneHot share", OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False, min_frequency=0.2), texts)
categories("oneHot few", OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False, max_categories=3, drop="first"), texts)
categories("ordinal", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), not_numbers)
categories("ordinal rare", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, max_categories=3, encoded_missing_value=-2), not_numbers)

for name, y_true, folds in [
    ("numbers", target, KFold(4)),
    ("binary", binary, StratifiedKFold(4)),
    ("several", several, StratifiedKFold(4)),
]:
    for smooth in ["auto", 3.0]:
        encoder = TargetEncoder(smooth=smooth, cv=folds)
        cases[f"targetEncode {name} {smooth}"] = {
            "rows": plain(encoder.fit(holes, y_true).transform(holes)),
            "fresh": plain(encoder.transform(unseen)),
            "folds": plain(encoder.fit_transform(holes, y_true)),
        }

words = ["", "a", "Zürich", "four", "fives", "日本", "a longer text of several blocks"]
hasher = FeatureHasher(n_features=7, input_type="string")
cases["hash"] = {"words": words[1:], "rows": plain(hasher.transform([[word] for word in words[1:]]).toarray())}

probabilities = [1e-7, 1e-5, 0.01, 0.07, 0.075, 0.3, 0.5, 0.8, 0.93, 0.999, 1 - 1e-6]
fixture = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__},
    "data": {
        "x": x.tolist(),
        "y": y.tolist(),
        "gap": [None if np.isnan(v) else v for v in gap],
        "constant": constant.tolist(),
        "weights": weights.tolist(),
        "city": city.tolist(),
        "holey": holey.tolist(),
        "target": target.tolist(),
        "binary": binary.tolist(),
        "several": several.tolist(),
        "fresh": fresh.tolist(),
    },
    "normalQuantile": [[p, float(scipy.stats.norm.ppf(p))] for p in probabilities],
    "cases": cases,
}
path = pathlib.Path(__file__).parent / "fixtures" / "golden.json"
path.write_text(json.dumps(fixture) + "\n")
