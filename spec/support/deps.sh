#!/bin/sh
# Installs what is missing: deps.sh GROUP ... (build, command, demo, test, bench, peers, coverage, fuzz, lint, valgrind, systems).
# With apt it installs; elsewhere it prints what is needed and fails. Quick and silent when all is there.
set -eu

lua=${LUA:-lua5.4}
version=${LUA_VERSION:-5.4}
pkg_config=${PKG_CONFIG:-pkg-config}

command_exists() { command -v "$1" >/dev/null 2>&1; }
lua_has() { command_exists "$lua" && "$lua" -e "require '$1'" >/dev/null 2>&1; }
library_exists() { command_exists "$pkg_config" && "$pkg_config" --exists "$1"; }
any_library_exists() { for name in "$@"; do library_exists "$name" && return; done; return 1; }
any_file_exists() { for file in "$@"; do test -e "$file" && return; done; return 1; }
python_has() { for python in /usr/bin/python3 python3; do "$python" -c "import $1" 2>/dev/null && return; done; return 1; }
compiles() { command_exists "$1" && echo "#include <stdio.h>" | "$1" -fsyntax-only -x c - 2>/dev/null; }

lua_package=lua$version
lua_headers=liblua$version-dev
lua_libraries="lua$version lua-$version lua$(echo "$version" | tr -d .)"
case $lua in
*luajit*)
  lua_package=luajit
  lua_headers=libluajit-5.1-dev
  lua_libraries="luajit lua5.1"
  ;;
esac

# group, Debian's package, how to see that it (or another system's equivalent) is there
needs() {
  cat <<'TABLE'
build     gcc                     command_exists "${CC:-cc}"
build     libc6-dev               compiles "${CC:-cc}"
build     make                    command_exists make
build     pkg-config              command_exists "$pkg_config"
build     $lua_package            command_exists "$lua"
build     $lua_headers            any_library_exists $lua_libraries
build     libcurl4-openssl-dev    library_exists libcurl
build     libcjson-dev            library_exists libcjson
build     ca-certificates         any_file_exists /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem
command   lua-argparse            lua_has argparse
command   lua-filesystem          lua_has lfs
demo      lua-socket              lua_has socket
demo      lua-sec                 lua_has ssl
demo      lua-cjson               lua_has cjson
demo      openssl                 command_exists openssl
test      lua-busted              command_exists busted
test      luarocks                command_exists luarocks
test      lua-luv                 lua_has luv
test      lua-cqueues             lua_has cqueues
test      binutils                command_exists nm
test      tmux                    command_exists tmux
test      util-linux              command_exists setsid
test      locales                 ! command_exists localedef || any_file_exists /usr/share/i18n/locales/de_DE
test      nginx-light             command_exists nginx || any_file_exists /usr/sbin/nginx
bench     nginx-light             command_exists nginx || any_file_exists /usr/sbin/nginx
peers     valgrind                command_exists valgrind
peers     curl                    command_exists curl
peers     python3-requests        python_has requests
peers     python3-aiohttp         python_has aiohttp
peers     nodejs                  command_exists node
coverage  gcovr                   command_exists gcovr
fuzz      clang                   compiles clang
fuzz      libclang-rt-dev         any_file_exists /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a /usr/lib/clang/*/lib/*/libclang_rt.fuzzer*.a
lint      lua-check               command_exists luacheck
lint      gcc                     compiles gcc
lint      clang                   compiles clang
lint      clang-format            command_exists "${CLANG_FORMAT:-clang-format}"
lint      clang-tidy              command_exists "${CLANG_TIDY:-clang-tidy}"
lint      cppcheck                command_exists cppcheck
valgrind  valgrind                command_exists valgrind
systems   debootstrap             command_exists debootstrap
systems   util-linux              command_exists unshare
TABLE
}

case "$(uname -s) $* " in
Linux*) ;;
*" test "*)
  echo "The specs run on Linux only: they look into /proc and start other programs with LD_PRELOAD." >&2
  exit 1
  ;;
esac

missing=""
for wanted in "$@"; do
  while read -r group package check; do
    if [ "$group" = "$wanted" ] && ! eval "$check"; then
      missing="$missing $(eval echo "$package")"
    fi
  done <<LIST
$(needs)
LIST
done
[ -n "$missing" ] || exit 0

if ! command_exists apt-get; then
  echo "Please install what these packages of Debian hold, under your system's names for them:$missing" >&2
  exit 1
fi

if [ "$(id -u)" -eq 0 ]; then
  as_root=env
elif command_exists sudo; then
  as_root="sudo env"
else
  echo "Please install, as root: apt-get install$missing" >&2
  exit 1
fi

echo "Installing:$missing"
$as_root DEBIAN_FRONTEND=noninteractive apt-get -q update
$as_root DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends $missing
