#!/usr/bin/env bash
# Runs the checks on other systems: run.sh [NAME ...], by default on all of them. `make systems` calls it.
# Each system is a folder that debootstrap has filled. A run uses a copy, which starts bare, so it also shows that the
# targets install what they need. What debootstrap and apt have fetched stays in SYSTEMS_CACHE for the next run. The last
# line counts the specs of all systems, one more for each lint and each rock; a system that can't be made here is skipped.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
here=spec/systems
cache=${SYSTEMS_CACHE:-build/systems}

# name, distribution, suite, architecture, what runs there
systems() {
  cat <<'TABLE'
bookworm     debian  bookworm  amd64  test lint rock
trixie       debian  trixie    amd64  test lint rock
sid          debian  sid       amd64  test lint rock
noble        ubuntu  noble     amd64  test lint rock
resolute     ubuntu  resolute  amd64  test lint rock
jammy        ubuntu  jammy     amd64  demo
trixie-i386  debian  trixie    i386   test lint rock
TABLE
}
# On jammy (Ubuntu 22.04) only the demo runs: its busted has no modules for Lua 5.4.

fail() {
  echo "$1" >&2
  exit 1
}

[ "$(id -u)" -eq 0 ] || fail "make systems needs root: it makes chroots."
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# Every mount and every process of a run ends with the namespace that it has to itself, however it ends.
in_namespace() {
  unshare --mount --pid --fork --kill-child --propagation private -- "$@"
}
# Why no system can be made here, or nothing.
obstacle=
if ! sh spec/support/deps.sh systems; then
  obstacle="there is no debootstrap"
elif ! in_namespace true 2>/dev/null; then
  obstacle="no mount or process namespace is to be had"
fi

work=$(mktemp -d "$cache/run.XXXXXX")
child=
finish() {
  # Nothing below is mounted in this namespace, so rm can't leave the tree.
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null
    wait "$child" 2>/dev/null
  fi
  rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs a command so that a signal ends it at once.
interruptible() {
  "$@" </dev/null &
  child=$!
  wait "$child"
  local status=$?
  child=
  return "$status"
}

# The mirror that this machine's own apt uses for a distribution, or nothing: debootstrap knows another.
host_mirror() {
  [ "$(. /etc/os-release && echo "$ID")" = "$1" ] || return 0
  # shellcheck disable=SC2016 # a name of apt's
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v -e -security | head -n 1
}

# Ubuntu's keys are in a package of Debian 13, not of every older system.
ubuntu_keys() {
  local keys=/usr/share/keyrings/ubuntu-archive-keyring.gpg
  if [ ! -e "$keys" ]; then
    keys=$cache/ubuntu-archive-keyring.gpg
  fi
  if [ ! -e "$keys" ]; then
    bootstrap trixie debian trixie amd64 && copy_base trixie &&
      chroot "$work/trixie" sh -c 'cd /tmp && apt-get -q update && apt-get -q download ubuntu-keyring && dpkg -x ubuntu-keyring_*.deb .' &&
      cp "$work/trixie/tmp/usr/share/keyrings/ubuntu-archive-keyring.gpg" "$keys"
    rm -rf "$work/trixie"
  fi >&2
  echo "$keys"
}

# Makes a bare system once.
bootstrap() {
  local name=$1 distribution=$2 suite=$3 architecture=$4
  local base=$cache/$name log=$cache/$name.log
  [ ! -e "$base/.complete" ] || return 0
  local mirror options=() script=
  mirror=$(host_mirror "$distribution")
  if [ "$distribution" = ubuntu ]; then
    # An older debootstrap has no script for a newer Ubuntu; they all run this one.
    script=gutsy
    options=(--keyring="$(ubuntu_keys)" "--components=main,universe")
  fi
  rm -rf "$base"
  if ! interruptible in_namespace debootstrap --variant=minbase --arch="$architecture" "${options[@]}" \
    "$suite" "$base" "$mirror" ${script:+"$script"} >"$log" 2>&1; then
    rm -rf "$base"
    return 1
  fi
  touch "$base/.complete"
}

# A copy to be used once, which reaches the package mirrors as this machine does.
copy_base() {
  cp -a "$cache/$1" "$work/$1"
  cp -r /etc/apt/apt.conf.d/. "$work/$1/etc/apt/apt.conf.d/" 2>/dev/null
  cp /etc/hosts "$work/$1/etc/hosts"
  cp /etc/resolv.conf "$work/$1/etc/resolv.conf" 2>/dev/null
  return 0
}

# The files that git knows, as they are here.
copy_sources() {
  mkdir -p "$1"
  git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --null --files-from=- --create | tar --extract --no-same-owner --directory "$1"
}

passed=0
failed=0
skipped=0

skip() {
  echo "==> $1: skipped: $2"
  skipped=$((skipped + 1))
}

run_system() {
  local name=$1 distribution=$2 suite=$3 architecture=$4
  shift 4
  echo "==> $name: $distribution $suite, $architecture"
  if [ -n "$obstacle" ]; then
    skip "$name" "$obstacle"
    return
  fi
  if ! bootstrap "$name" "$distribution" "$suite" "$architecture"; then
    skip "$name" "no such system can be made here: $(tail -n 1 "$cache/$name.log" 2>/dev/null)"
    return
  fi
  copy_base "$name"
  copy_sources "$work/$name/heygen"
  mkdir -p "$cache/archives/$name"
  interruptible in_namespace sh "$here/enter.sh" "$work/$name" "$cache/archives/$name" "$@"
  local status=$?
  local counts
  counts=$(cat "$work/$name/counts" 2>/dev/null)
  if [[ $counts =~ ^([0-9]+)\ ([0-9]+)$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  else
    echo "==> $name: ended with status $status"
    failed=$((failed + 1))
  fi
  rm -rf --one-file-system "${work:?}/$name"
}

main() {
  local selected name rest
  selected=" ${*:-$(systems | awk '{ print $1 }' | xargs)} "
  for name in $selected; do
    systems | grep -q "^$name " || fail "make systems: no such system: $name (there are: $(systems | awk '{ print $1 }' | xargs))"
  done
  while read -r name rest; do
    [[ $selected != *" $name "* ]] || eval "run_system $name $rest"
  done <<<"$(systems)"
  echo "systems: $passed passed, $failed failed, $skipped skipped"
  ((failed == 0))
}

# On one line: this file may change while it runs.
main "$@"; exit
