# MLflow's command line. `mlflow` is first on the PATH.
set -euo pipefail

fail() { echo "expected $1, got: $2" >&2; exit 1; }
says() { [[ "$2" == *"$1"* ]] || fail "$1" "$2"; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
created=$(mlflow experiments create --experiment-name 'from the shell' 2>&1)
says 'Created experiment' "$created"
id=$(grep -o '[0-9]*$' <<<"$created")
says 'from the shell' "$(mlflow experiments search 2>&1)"
mlflow experiments rename --experiment-id "$id" --new-name 'renamed' >/dev/null 2>&1
says 'renamed' "$(mlflow experiments get --experiment-id "$id" 2>&1)"

run=$(python - "$id" <<'PY'
import sys
from mlflow import MlflowClient

client = MlflowClient()
run = client.create_run(sys.argv[1], run_name="shell run").info.run_id
client.log_metric(run, "score", 0.5)
print(run)
PY
)
echo content >"$folder/file.txt"
mlflow artifacts log-artifact --run-id "$run" --local-file "$folder/file.txt" --artifact-path sub 2>/dev/null
says 'sub/file.txt' "$(mlflow artifacts list --run-id "$run" --artifact-path sub 2>/dev/null)"
mlflow artifacts download --run-id "$run" --artifact-path sub --dst-path "$folder/down" >/dev/null 2>&1
says 'content' "$(cat "$folder/down/sub/file.txt")"
says "$run" "$(mlflow runs list --experiment-id "$id" 2>/dev/null)"
says '"score": 0.5' "$(mlflow runs describe --run-id "$run" 2>/dev/null)"
mlflow experiments csv --experiment-id "$id" --filename "$folder/runs.csv" >/dev/null 2>&1
says "$run" "$(cat "$folder/runs.csv")"
mlflow runs delete --run-id "$run" >/dev/null 2>&1
says 'shell run' "$(mlflow runs list --experiment-id "$id" --view deleted_only 2>/dev/null)"
mlflow runs restore --run-id "$run" >/dev/null 2>&1
mlflow experiments delete --experiment-id "$id" >/dev/null 2>&1
mlflow experiments restore --experiment-id "$id" >/dev/null 2>&1
