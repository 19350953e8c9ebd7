"""Makes the fixtures of the unit tests of the readers from real stores.

Usage: make_fixtures.py <folder of the fixtures>, with the Python of an environment that has the MLflow release.

Writes `<folder>/database-<release>.json` (columns with their types, key and rows of every table) and, from 3.x on,
`<folder>/file-store-<release>.json` (files by path). The folder that the store was in is called /fixture in them.
"""

import base64
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

import mlflow

here = os.path.dirname(os.path.abspath(__file__))
release = mlflow.__version__


def fill(folder, uri):
    env = {**os.environ, "MLFLOW_ALLOW_FILE_STORE": "true"}
    script = os.path.join(here, "fill_store.py")
    subprocess.run([sys.executable, script, uri], cwd=folder, env=env, check=True)


def read_files(folder):
    files = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                content = file.read()
            key = os.path.relpath(path, folder)
            try:
                files[key] = content.decode()
            except UnicodeDecodeError:
                files[key] = {"base64": base64.b64encode(content).decode()}
    return dict(sorted(files.items()))


def read_tables(path):
    db = sqlite3.connect(path)
    def columns(table):
        return db.execute(f'pragma table_xinfo("{table}")').fetchall()

    def key(table):
        return [column[1] for column in sorted(columns(table), key=lambda column: column[5]) if column[5] > 0]

    names = [name for (name,) in db.execute("select name from sqlite_master where type = 'table' order by name")]
    return {
        name: {
            "columns": {column[1]: column[2] for column in columns(name)},
            "key": key(name),
            "rows": [list(row) for row in db.execute(f'select * from "{name}"')],
        }
        for name in names
    }


def save(name, folder, content):
    text = json.dumps({"mlflow": release, **content}, ensure_ascii=False, indent=1)
    with open(os.path.join(sys.argv[1], name), "w") as out:
        out.write(text.replace(os.path.realpath(folder), "/fixture") + "\n")


with tempfile.TemporaryDirectory() as folder:
    fill(folder, "sqlite:///mlflow.db")
    content = {"tables": read_tables(os.path.join(folder, "mlflow.db")), "files": read_files(f"{folder}/mlruns")}
    save(f"database-{release}.json", folder, content)

if release.startswith("3."):
    with tempfile.TemporaryDirectory() as folder:
        fill(folder, f"file://{folder}/mlruns")
        save(f"file-store-{release}.json", folder, {"files": read_files(f"{folder}/mlruns")})
