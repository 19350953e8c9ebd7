#!/usr/bin/env bash
# Runs MLflow's own client and web pages, DVC's command line, and Feast's client, against this server: installs them into
# cached environments, then starts vitest, which starts servers, the scripts and a browser. Arguments go to vitest.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../../.." && pwd)
export PATH="$repository/node_modules/.bin:$PATH"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

install_package() {
  echo "installing $1" >&2
  as_root apt-get update -qq >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >&2
}

# An environment for a list of versions, named by what is in it: another list is another environment.
environment_for() {
  local versions environment
  versions=$(sha256sum "$1/requirements.txt" | cut -c 1-12)
  environment="${XDG_CACHE_HOME:-$HOME/.cache}/millrace-interop/$(basename "$1")-$versions"
  if [ ! -e "$environment/complete" ]; then
    python3 -c 'import ensurepip' 2>/dev/null || install_package python3-venv
    echo "installing $1/requirements.txt into $environment" >&2
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/pip" install -q --disable-pip-version-check -r "$1/requirements.txt" >&2
    touch "$environment/complete"
  fi
  echo "$environment"
}

# LightGBM needs the runtime of OpenMP.
ldconfig -p | grep -q libgomp || install_package libgomp1
environment=$(environment_for "$here")
MILLRACE_INTEROP_DVC=$(environment_for "$repository/test/interop/dvc")/bin/dvc
export MILLRACE_INTEROP_DVC
MILLRACE_INTEROP_FEAST=$(environment_for "$repository/test/interop/feast")/bin/python
export MILLRACE_INTEROP_FEAST

# MLflow's own pages are looked at with a browser.
command -v chromium >/dev/null || install_package chromium
MILLRACE_INTEROP_CHROMIUM=$(command -v chromium)
export MILLRACE_INTEROP_CHROMIUM

export MILLRACE_INTEROP_PYTHON="$environment/bin/python"
cd "$repository"
vitest run --project interop "$@"
