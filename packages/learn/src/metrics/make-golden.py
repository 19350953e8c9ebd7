"""Writes fixtures/golden.json: metrics of scikit-learn on small random rows, with and without weights."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics as m

random = np.random.default_rng(4)
rows = 60


def listed(values):
    return np.asarray(values, dtype=float).tolist()


def binary(weights):
    labels = random.integers(0, 2, rows)
    scores = np.round(np.clip(random.normal(0.35 + 0.3 * labels, 0.25), 0, 1), 2)
    predicted = (scores > 0.5).astype(int)
    w = {"sample_weight": weights}
    fpr, tpr, thresholds = m.roc_curve(labels, scores, **w)
    every = m.roc_curve(labels, scores, drop_intermediate=False, **w)
    precision, recall, at = m.precision_recall_curve(labels, scores, **w)
    return {
        "weights": None if weights is None else listed(weights),
        "labels": labels.tolist(),
        "probabilities": listed(scores),
        "scores": {
            "accuracy": m.accuracy_score(labels, predicted, **w),
            "balancedAccuracy": m.balanced_accuracy_score(labels, predicted, **w),
            "precision": m.precision_score(labels, predicted, **w),
            "recall": m.recall_score(labels, predicted, **w),
            "f1": m.f1_score(labels, predicted, **w),
            "rocAuc": m.roc_auc_score(labels, scores, **w),
            "averagePrecision": m.average_precision_score(labels, scores, **w),
            "logLoss": m.log_loss(labels, scores, **w),
            "brierScore": m.brier_score_loss(labels, scores, **w),
            "matthewsCorrelation": m.matthews_corrcoef(labels, predicted, **w),
        },
        "roc": [listed(fpr), listed(tpr), listed(thresholds[1:])],
        "rocOfAll": [listed(values[1:]) for values in every],
        "precisionRecall": [listed(precision), listed(recall), listed(at)],
    }


def multiclass(weights, classes=4):
    codes = random.integers(0, classes, rows)
    raw = random.gamma(1.0, size=(rows, classes)) + 1.5 * np.eye(classes)[codes] * random.uniform(size=(rows, 1))
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    w = {"sample_weight": weights}
    scores = {
        "accuracy": m.accuracy_score(codes, predicted, **w),
        "balancedAccuracy": m.balanced_accuracy_score(codes, predicted, **w),
        "matthewsCorrelation": m.matthews_corrcoef(codes, predicted, **w),
        "logLoss": m.log_loss(codes, probabilities, **w),
        "brierScore": m.brier_score_loss(codes, probabilities, **w),
        "rocAuc ovr macro": m.roc_auc_score(codes, probabilities, multi_class="ovr", **w),
        "rocAuc ovr weighted": m.roc_auc_score(codes, probabilities, multi_class="ovr", average="weighted", **w),
    }
    if weights is None:
        for average in ["macro", "weighted"]:
            scores[f"rocAuc ovo {average}"] = m.roc_auc_score(codes, probabilities, multi_class="ovo", average=average)
    for average in ["macro", "micro", "weighted"]:
        scores[f"precision {average}"] = m.precision_score(codes, predicted, average=average, **w)
        scores[f"recall {average}"] = m.recall_score(codes, predicted, average=average, **w)
        scores[f"f1 {average}"] = m.f1_score(codes, predicted, average=average, **w)
        scores[f"fBeta {average}"] = m.fbeta_score(codes, predicted, beta=2, average=average, **w)
    return {
        "weights": None if weights is None else listed(weights),
        "codes": codes.tolist(),
        "probabilities": listed(probabilities.ravel()),
        "scores": scores,
        "confusion": listed(m.confusion_matrix(codes, predicted, **w).ravel()),
    }


def zero_division():
    # Class 2 is never predicted, class 3 has no rows, class 4 neither.
    codes = [0, 0, 1, 1, 2, 2]
    predicted = [0, 1, 1, 3, 0, 1]
    cases = []
    for value, name in [(0, 0), (1, 1), (np.nan, "undefined")]:
        for average in ["macro", "weighted"]:
            given = {"average": average, "zero_division": value}
            cases.append(
                {
                    "zeroDivision": name,
                    "average": average,
                    "precision": m.precision_score(codes, predicted, **given),
                    "recall": m.recall_score(codes, predicted, **given),
                    "f1": m.f1_score(codes, predicted, **given),
                }
            )
    return {"codes": codes, "predicted": predicted, "cases": cases}


def regression(weights):
    actual = np.round(random.gamma(2.0, 10, rows), 1)
    predicted = np.round(np.abs(actual + random.normal(0, 6, rows)) + 0.1, 1)
    w = {"sample_weight": weights}
    return {
        "weights": None if weights is None else listed(weights),
        "actual": listed(actual),
        "predicted": listed(predicted),
        "scores": {
            "rootMeanSquaredError": m.root_mean_squared_error(actual, predicted, **w),
            "meanSquaredError": m.mean_squared_error(actual, predicted, **w),
            "meanAbsoluteError": m.mean_absolute_error(actual, predicted, **w),
            "medianAbsoluteError": m.median_absolute_error(actual, predicted, **w),
            "meanAbsolutePercentageError": m.mean_absolute_percentage_error(actual, predicted, **w),
            "r2": m.r2_score(actual, predicted, **w),
            "explainedVariance": m.explained_variance_score(actual, predicted, **w),
            "meanPoissonDeviance": m.mean_poisson_deviance(actual, predicted, **w),
            "pinballLoss": m.mean_pinball_loss(actual, predicted, alpha=0.9, **w),
        },
    }


def mean_over_orders(relevance, scores, metric):
    """The mean over all orders of rows of equal score, by trying them."""
    orders = [o for o in permutations(range(len(scores))) if all(scores[a] >= scores[b] for a, b in zip(o, o[1:]))]
    return float(np.mean([metric(np.array(relevance)[list(order)] > 0) for order in orders]))


def ranking():
    queries = []
    for _ in range(8):
        relevance = random.integers(0, 3, 6)
        relevance[random.integers(0, 6)] = 1
        queries.append((relevance, np.round(random.uniform(0, 1, 6), 1)))
    cases = []
    for k in [None, 1, 3]:
        first = k or 6

        def average_precision(hits):
            precisions = np.cumsum(hits) / np.arange(1, 7)
            return (precisions * hits)[:first].sum() / min(first, hits.sum())

        def reciprocal_rank(hits):
            return 1 / (hits.argmax() + 1) if hits[:first].any() else 0

        of = {
            "precisionAtK": lambda hits: hits[:first].mean(),
            "recallAtK": lambda hits: hits[:first].sum() / hits.sum(),
            "meanAveragePrecision": average_precision,
            "meanReciprocalRank": reciprocal_rank,
        }
        scores = {name: np.mean([mean_over_orders(*query, metric) for query in queries]) for name, metric in of.items()}
        scores["ndcg"] = np.mean([m.ndcg_score([r], [s], k=k) for r, s in queries])
        scores["ndcg exponential"] = np.mean([m.ndcg_score([2.0**r - 1], [s], k=k) for r, s in queries])
        cases.append({"k": k, "scores": scores})
    return {
        "relevance": np.concatenate([r for r, _ in queries]).tolist(),
        "scores": listed(np.concatenate([s for _, s in queries])),
        "queries": np.repeat(np.arange(8), 6).tolist(),
        "cases": cases,
    }


weights = np.round(random.uniform(0, 3, rows), 2)
weights[5] = 0
golden = {
    "source": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "binary": [binary(None), binary(weights)],
    "multiclass": [multiclass(None), multiclass(weights)],
    "zeroDivision": zero_division(),
    "regression": [regression(None), regression(weights)],
    "ranking": ranking(),
}
path = Path(__file__).parent / "fixtures" / "golden.json"
path.write_text(json.dumps(golden) + "\n")
