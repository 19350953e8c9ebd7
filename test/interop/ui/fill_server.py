"""Logs what MLflow's pages have something to show for, and writes the ids into the file that is named."""

import json
import logging
import math
import sys
import warnings
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
client = mlflow.MlflowClient()

experiment = mlflow.set_experiment("penguins")
mlflow.set_experiment_tag("mlflow.note.content", "# Penguins\nWhich **island** are they from?")
features = pd.DataFrame({"bill": np.linspace(30, 60, 60), "mass": np.linspace(2700, 6300, 60) % 977})
target = (features.bill > 45).astype(int)
dataset = mlflow.data.from_pandas(features.assign(target=target), name="palmer", targets="target")
signature = mlflow.models.infer_signature(features, target)

runs = []
for depth in (2, 3):
    with mlflow.start_run(run_name=f"depth-{depth}") as run:
        runs.append(run.info.run_id)
        mlflow.log_params({"depth": depth, "solver": "lbfgs"})
        mlflow.set_tags({"team": "field", "mlflow.note.content": f"Run of **depth {depth}**"})
        mlflow.log_input(dataset, context="training")
        for step in range(50):
            mlflow.log_metrics({"loss": depth / (step + 1), "system/cpu_percent": 20 + step % 7}, step=step)
        mlflow.log_metric("accuracy", 0.9 + depth / 100)
        mlflow.log_metric("broken", math.nan)
        figure = Figure(figsize=(2, 2))
        figure.subplots().plot([1, 3, 2])
        mlflow.log_figure(figure, "plots/curve.png")
        mlflow.log_text("hello from the run\n", "notes.txt")
        mlflow.log_dict({"answer": 42}, "settings.json")
        mlflow.log_text("<h1>a page</h1><script>document.title = 'ran'</script>", "page.html")
        mlflow.log_text("name,count\nadelie,152\n", "table.csv")
        mlflow.log_table({"question": ["who?"], "answer": ["me"]}, "answers.json")
        model = LogisticRegression().fit(features, target)
        mlflow.sklearn.log_model(
            model,
            name="model",
            registered_model_name="penguin",
            signature=signature,
            input_example=features.head(2),
            pip_requirements=["mlflow"],
        )
    client.set_tag(run.info.run_id, "late", "yes")

with mlflow.start_run(run_name="parent"):
    with mlflow.start_run(run_name="child", nested=True):
        mlflow.log_metric("loss", 0.5)

client.set_registered_model_alias("penguin", "champion", "2")
client.set_registered_model_tag("penguin", "owner", "colony")
client.set_model_version_tag("penguin", "2", "checked", "yes")
client.update_registered_model("penguin", "Tells the **species**")
client.update_model_version("penguin", "2", "The deeper one")
found = mlflow.search_logged_models(experiment_ids=[experiment.experiment_id], output_format="list")
facts = {"experiment": experiment.experiment_id, "runs": runs, "models": [one.model_id for one in found]}
Path(sys.argv[1]).write_text(json.dumps(facts))
