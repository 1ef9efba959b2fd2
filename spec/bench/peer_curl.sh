#!/bin/sh
# The curl command: peer_curl.sh MEASURE BASE_URL PREFIX COUNT CONCURRENCY CA_FILE. A call at a time is a process
# each; more are one process with --parallel. Its cost is that of all that MEASURE ran.
set -eu
measure=$1 base_url=$2 prefix=$3 count=$4 concurrency=$5 ca_file=$6
answers=$(mktemp)
configuration=$(mktemp)
trap 'rm -f "$answers" "$configuration"' EXIT

{
  printf 'silent\nno-location\nnoproxy = "*"\nheader = "x-api-key: bench-key"\nrequest = "DELETE"\n'
  [ -z "$ca_file" ] || printf 'cacert = "%s"\n' "$ca_file"
} >"$configuration"

if [ "$concurrency" -gt 1 ]; then
  printf 'parallel\nparallel-max = %d\n' "$concurrency" >>"$configuration"
  for number in $(seq 0 "$count"); do
    printf 'url = "%s/v2/photo_avatar/%s%d"\n' "$base_url" "$prefix" "$number"
  done >>"$configuration"
  cost=$("$measure" sh -c 'curl -K "$0" >"$1"' "$configuration" "$answers")
else
  cost=$("$measure" sh -c '
    for number in $(seq 0 "$3"); do curl -K "$0" "$2$number"; done >"$1"
  ' "$configuration" "$answers" "$base_url/v2/photo_avatar/$prefix" "$count")
fi
deleted=$(grep -o '"code":100,' "$answers" | wc -l)
echo "$deleted ${cost#*measured }"
