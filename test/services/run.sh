#!/usr/bin/env bash
# Runs the tests that need services: starts PostgreSQL, Redis and an S3-compatible server on free loopback ports, in a
# temporary folder, and stops them at the end. Arguments go to vitest.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../.." && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/millrace-services"
moto_version=5.2.5
export PATH="$repository/node_modules/.bin:$PATH"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# PostgreSQL refuses to run as root.
as_service() { if [ "$(id -u)" = 0 ]; then runuser -u "$service_user" -- "$@"; else "$@"; fi; }

install_package() {
  echo "installing $1" >&2
  as_root apt-get update -qq >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >&2
}

postgres_bin() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] && echo "$found"
}

free_port() {
  node -e "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })"
}

wait_for_port() {
  for _ in $(seq 1 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "nothing answers on port $1; its log:" >&2
  cat "$2" >&2
  exit 1
}

postgres_bin >/dev/null || install_package postgresql
bin=$(postgres_bin)
command -v redis-server >/dev/null || install_package redis-server
if [ ! -x "$cache/moto-$moto_version/bin/moto_server" ]; then
  python3 -c 'import ensurepip' 2>/dev/null || install_package python3-venv
  echo "installing moto $moto_version" >&2
  rm -rf "$cache/moto-$moto_version"
  python3 -m venv "$cache/moto-$moto_version"
  "$cache/moto-$moto_version/bin/pip" install -q --disable-pip-version-check "moto[server]==$moto_version"
fi

service_user=millrace-test
if [ "$(id -u)" = 0 ] && ! id "$service_user" >/dev/null 2>&1; then
  useradd --system --no-create-home --shell /usr/sbin/nologin "$service_user"
fi

work=$(mktemp -d)
s3_pid=
redis_pid=
stop() {
  if [ -n "$redis_pid" ]; then as_service kill "$redis_pid" 2>/dev/null || true; fi
  if [ -n "$s3_pid" ]; then kill "$s3_pid" 2>/dev/null || true; fi
  if [ -f "$work/data/postmaster.pid" ]; then as_service "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null || true; fi
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

if [ "$(id -u)" = 0 ]; then chown "$service_user" "$work"; fi
cd "$work"
postgres_port=$(free_port)
# Where the server can, with the order of a language: what passes must not rely on the order of bytes.
language=()
if "$bin/initdb" --help | grep -q -- --icu-locale; then language=(--locale-provider=icu --icu-locale=en-US); fi
as_service "$bin/initdb" -D "$work/data" -U millrace --auth=trust --encoding=UTF8 --no-sync "${language[@]}" >/dev/null
as_service "$bin/pg_ctl" -D "$work/data" -l "$work/postgres.log" -w start >/dev/null \
  -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off" \
  || { cat "$work/postgres.log" >&2; exit 1; }

redis_port=$(free_port)
as_service redis-server --port "$redis_port" --bind 127.0.0.1 --requirepass test --save '' --appendonly no \
  --dir "$work" --daemonize yes --pidfile "$work/redis.pid" --logfile "$work/redis.log" >/dev/null
wait_for_port "$redis_port" "$work/redis.log"
redis_pid=$(cat "$work/redis.pid")

s3_port=$(free_port)
# One request at a time: moto checks the condition of a conditional write and writes without a lock.
"$cache/moto-$moto_version/bin/python" -c '
import sys
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
run_simple("127.0.0.1", int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=False)
' "$s3_port" >"$work/s3.log" 2>&1 &
s3_pid=$!
wait_for_port "$s3_port" "$work/s3.log"

export MILLRACE_TEST_POSTGRES_URL="postgres://millrace@127.0.0.1:$postgres_port/postgres"
export MILLRACE_TEST_S3_ENDPOINT="http://127.0.0.1:$s3_port"
export MILLRACE_TEST_S3_ACCESS_KEY_ID=test
export MILLRACE_TEST_S3_SECRET_ACCESS_KEY=test
export MILLRACE_TEST_REDIS_URL="redis://127.0.0.1:$redis_port"
export MILLRACE_TEST_REDIS_PASSWORD=test
cd "$repository"
vitest run --project services "$@"
