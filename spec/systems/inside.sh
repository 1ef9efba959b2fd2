#!/bin/sh
# inside.sh CHECK...: runs test, lint, rock or demo on this system, which may be a bare one, and prints what it is and
# how it went in one line. Writes "PASSED FAILED" to /counts: the specs, and one for each further check.
set -u
cd /heygen || exit 1
rm -f /counts
passed=0
failed=0
notes=""
started=$(date +%s)
log=/tmp/check.log

# The checks need make to install all else.
if ! { apt-get -q update && apt-get -q install --yes --no-install-recommends make; } >$log 2>&1; then
  cat $log
  exit 1
fi

# Runs a command, shows what it prints, and ends it when it hangs.
run() {
  echo "==> $*"
  { timeout -k 60 1800 "$@" 2>&1; echo $? >/tmp/status; } </dev/null | tee $log
  return "$(cat /tmp/status)"
}

# One further check.
count() {
  if [ "$1" -eq 0 ]; then
    passed=$((passed + 1))
    notes="$notes, $2 passed"
  else
    failed=$((failed + 1))
    notes="$notes, $2 failed"
  fi
}

# Busted ends with "3 successes / 0 failures / 0 errors / 0 pending : 0.1 seconds".
check_test() {
  run make test
  status=$?
  line=$(grep -E '^[0-9]+ success(es)? / [0-9]+ failures? / [0-9]+ errors? / [0-9]+ pending' $log | tail -n 1)
  read -r successes failures errors pending seconds <<NUMBERS
$(echo "${line:-0 0 0 0 ?}" | sed 's/[^0-9.?]\{1,\}/ /g')
NUMBERS
  wrong=$((failures + errors))
  # A build that fails, or specs that end in a crash, leave no counts.
  if [ "$wrong" -eq 0 ] && { [ $status -ne 0 ] || [ -z "$line" ]; }; then
    wrong=1
  fi
  passed=$((passed + successes))
  failed=$((failed + wrong))
  notes="$notes, $successes specs passed, $wrong failed, $pending pending in ${seconds%.*} s"
}

check_lint() {
  run make lint
  count $? lint
}

# From the rockspec to a rock, which is then installed elsewhere and loaded.
check_rock() {
  run sh -ec '
    luarocks --lua-version 5.4 lint heygen-scm-1.rockspec
    luarocks --lua-version 5.4 make --tree /tmp/made heygen-scm-1.rockspec
    cd /tmp && luarocks --lua-version 5.4 --tree /tmp/made pack heygen
    luarocks --lua-version 5.4 --tree /tmp/installed install heygen-scm-1.linux-*.rock
    eval "$(luarocks --lua-version 5.4 --tree /tmp/installed path)"
    heygen-delete --version && lua5.4 -e "print(require([[heygen]])._VERSION)"'
  count $? "the rock"
}

check_demo() {
  run make demo
  count $? "the demo"
}

for check in "$@"; do
  "check_$check"
done

version_of() {
  pkg-config --modversion "$1" 2>/dev/null || echo "?"
}
. /etc/os-release
echo "==> $PRETTY_NAME, $(dpkg --print-architecture): libcurl $(version_of libcurl)," \
  "$(openssl version 2>/dev/null | cut -d ' ' -f 1,2), gcc $(gcc -dumpfullversion)," \
  "Lua $(lua5.4 -v | cut -d ' ' -f 2)$notes; $(($(date +%s) - started)) s"
echo "$passed $failed" >/counts
