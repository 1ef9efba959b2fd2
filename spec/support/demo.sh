#!/bin/sh
# The demonstration of `make demo`: a service on this machine, and the example script as a user would run it.
set -eu

lua=${LUA:-lua5.4}
folder=$(mktemp -d)

"$lua" spec/support/service.lua --serve 60 --ids my-avatar --key demo-key >"$folder/url" &
service=$!
trap 'kill "$service" 2>/dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

tries=0
until [ -s "$folder/url" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ] || ! kill -0 "$service" 2>/dev/null; then
    echo "The service did not start." >&2
    exit 1
  fi
  sleep 0.1
done

HEYGEN_API_BASE=$(head -n 1 "$folder/url")
HEYGEN_API_KEY=demo-key
export HEYGEN_API_BASE HEYGEN_API_KEY

delete() {
  echo
  echo "\$ lua5.4 spec/examples/delete.lua $1"
  "$lua" spec/examples/delete.lua "$1"
}

delete my-avatar
# This one shows the error, and fails as it should.
delete no-such-avatar || true
