# heygen for Lua. `make help` lists the targets; the variables that you may set come first.

# ---- yours to set ----------------------------------------------------------------------------

PREFIX ?= /usr/local
LUA ?= lua5.4
PKG_CONFIG ?= pkg-config
BUSTED ?= $(LUA) $(shell command -v busted)
CLANG_FORMAT ?= clang-format
CLANG_TIDY ?= clang-tidy
# CC, CPPFLAGS, CFLAGS and LDFLAGS too: yours come after the project's own, which always apply.

# On make's command line alone: DEBUG=1 builds with assertions and without optimisation, and
# SANITIZE=address,undefined with these sanitizers.
DEBUG =
SANITIZE =
# V=1 shows the commands.
V =
# LUA's version. LuaJIT is a Lua 5.1 here: what is built for one of them serves both.
LUA_VERSION := $(or $(shell $(LUA) -e 'io.write((_VERSION:gsub("Lua ", "")))' 2>/dev/null),$\
    $(if $(findstring luajit,$(LUA)),5.1),$(patsubst lua%,%,$(filter lua5.%,$(notdir $(LUA)))),5.4)
# Everything that is made goes below BUILD; a second BUILD is a second tree.
BUILD = build$(if $(filter-out 5.4,$(LUA_VERSION)),/$(LUA_VERSION))$(if $(SANITIZE),/sanitize,$(if $(DEBUG),/debug))
# What `test`, `sanitize` and `valgrind` run: files or folders.
SPECS = spec
# The interpreters that `test-luas` builds for.
LUAS = lua5.1 lua5.2 lua5.3 lua5.4 luajit
# How many threads `races` shows to helgrind, which is slow, and how many Lua states in each.
HELGRIND = 4 2
# How long `fuzz` runs each target, which of them, and how many calls `soak` makes.
SECONDS = 60
TARGETS = $(FUZZ_TARGETS)
CALLS = 200000
# How many runs of heygen-delete `strikes` strikes.
STRIKES = 100

# Lua's name for pkg-config differs between systems.
LUA_PC ?= $(shell \
    for name in lua$(LUA_VERSION) lua-$(LUA_VERSION) lua$(subst .,,$(LUA_VERSION)) lua; do \
      $(PKG_CONFIG) --exists "$$name >= $(LUA_VERSION) $$name < $(LUA_VERSION).99" 2>/dev/null && echo $$name && exit; \
    done; test $(LUA_VERSION) = 5.1 && $(PKG_CONFIG) --exists luajit 2>/dev/null && echo luajit)

# ---- what is built from what -----------------------------------------------------------------

PLATFORM_SOURCES := $(wildcard src/platform/*.c)
CLIENT_SOURCES := $(wildcard src/client/*.c)
BINDING_SOURCES := $(wildcard src/binding/*.c)
PROBE_SOURCES := $(wildcard spec/support/probe*.c)
C_FILES := $(wildcard src/*/*.[ch] spec/*/*.[ch])
LUA_FILES := $(wildcard lua/heygen/*.lua)
COMMAND_FILES := $(wildcard lua/heygen/command/*.lua)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
CORE := $(BUILD)/heygen/core.so
CORE_OBJECTS := $(call objects,$(PLATFORM_SOURCES) $(CLIENT_SOURCES) $(BINDING_SOURCES))
PROBE := $(BUILD)/heygen_probe.so
PROBE_OBJECTS := $(call objects,$(PLATFORM_SOURCES) $(CLIENT_SOURCES) src/binding/box.c src/binding/lua_version.c $(PROBE_SOURCES))
FAULTS := $(BUILD)/heygen_faults.so
FAULTS_OBJECTS := $(call objects,$(wildcard spec/memory/*.c))
FUZZ_TARGETS := $(filter-out main module target,$(basename $(notdir $(wildcard spec/fuzz/*.c))))
FUZZED_OBJECTS := $(call objects,$(PLATFORM_SOURCES) $(CLIENT_SOURCES) src/binding/box.c src/binding/value.c src/binding/lua_version.c spec/fuzz/target.c $(FUZZ_TARGETS:%=spec/fuzz/%.c))
FUZZ := $(BUILD)/heygen_fuzz.so
FUZZ_OBJECTS := $(FUZZED_OBJECTS) $(call objects,spec/fuzz/module.c)
FUZZER := $(BUILD)/fuzzer
FUZZER_OBJECTS := $(FUZZED_OBJECTS) $(call objects,spec/fuzz/main.c)

# ---- flags -----------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wformat=2 -Wundef

# The second include folder of cJSON is for <cjson/cJSON.h>: its .pc file may name the inner folder alone.
LIBRARY_INCLUDES := $(shell $(PKG_CONFIG) --cflags libcurl libcjson $(LUA_PC) 2>/dev/null) \
    $(addprefix -I,$(shell $(PKG_CONFIG) --variable=includedir libcjson 2>/dev/null))
LIBRARIES := $(shell $(PKG_CONFIG) --libs libcurl libcjson 2>/dev/null)

ifneq ($(SANITIZE),)
# A fortified libc call goes past the sanitizers' own checks, so it is left out here.
MODE_FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
else ifneq ($(DEBUG),)
MODE_FLAGS := -O0 -g3
else
MODE_FLAGS := -O2 -g -DNDEBUG -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

ifeq ($(shell uname -s),Darwin)
LINK_FLAGS := -bundle -undefined dynamic_lookup
else
# nodelete: a library's thread may outlive lua_close, which unloads modules.
LINK_FLAGS := -shared -Wl,-z,nodelete,-z,relro,-z,now
endif

LANGUAGE := -std=c11 -pthread -Isrc $(LIBRARY_INCLUDES)
COMPILE = $(CC) $(LANGUAGE) -fPIC -fvisibility=hidden $(WARNINGS) $(MODE_FLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(LINK_FLAGS) -pthread $(MODE_FLAGS) $(CFLAGS) $(LDFLAGS)

# ---- to use it -------------------------------------------------------------------------------

.PHONY: all
all: $(CORE) ## builds the module (the default)

.PHONY: deps
deps: ## installs what is missing to build and to use, with apt; elsewhere says what is needed
	@$(DEPS) build command

.PHONY: install
install: all ## installs below PREFIX (/usr/local), in DESTDIR if that is set
	install -d "$(LUA_FOLDER)/command" "$(C_FOLDER)" "$(BIN_FOLDER)" "$(MANUAL_FOLDER)"
	install -m 644 $(LUA_FILES) "$(LUA_FOLDER)"
	install -m 644 $(COMMAND_FILES) "$(LUA_FOLDER)/command"
	install -m 755 $(CORE) "$(C_FOLDER)"
	install -m 755 src/command/heygen-delete "$(BIN_FOLDER)"
	sed '1s|lua5.4|$(LUA)|' src/command/heygen-delete > "$(BIN_FOLDER)/heygen-delete"
	install -m 644 src/command/heygen-delete.1 "$(MANUAL_FOLDER)"

.PHONY: uninstall
uninstall: ## removes what install has put there
	rm -f $(foreach file,$(LUA_FILES) $(COMMAND_FILES),"$(LUA_FOLDER)/$(file:lua/heygen/%=%)") \
	    "$(C_FOLDER)/$(notdir $(CORE))" "$(BIN_FOLDER)/heygen-delete" "$(MANUAL_FOLDER)/heygen-delete.1"
	rmdir "$(LUA_FOLDER)/command" "$(LUA_FOLDER)" "$(C_FOLDER)" 2>/dev/null || true

.PHONY: demo
demo: ## deletes an avatar of a service on this machine, with all that is needed to see it
	@$(DEPS) build demo
	@$(MAKE) --no-print-directory all
	@$(LUA_ENVIRONMENT) sh spec/support/demo.sh

.PHONY: delete
delete: all ## ID=...: deletes it for real, with the key in HEYGEN_API_KEY, after a question
	@$(LUA_ENVIRONMENT) $(LUA) spec/examples/delete.lua "$(ID)"

.PHONY: clean
clean: ## removes everything that was built
	rm -rf "$(BUILD)"

.PHONY: help
help: ## lists the targets
	@awk -F ':[^#]*## ' '/^[a-z-]+:[^#]*## / { printf "%-11s %s\n", $$1, $$2 }' Makefile

# ---- to work on it ---------------------------------------------------------------------------

.PHONY: test
test: ## runs every spec; SPECS=... runs these
	@$(DEPS) build command demo test
	@$(MAKE) --no-print-directory specs

.PHONY: test-luas
test-luas: ## builds for every version of Lua (LUAS), and runs one program of checks under each
	@$(DEPS) build demo
	@for lua in $(LUAS); do $(MAKE) --no-print-directory LUA=$$lua with-headers || exit; done
	@$(LUA_ENVIRONMENT) $(LUA) spec/versions/run.lua $(LUAS)

.PHONY: bench
bench: ## measures the module beside its limit and its peers; WORD=... measures what has this in its name
	@$(DEPS) build demo bench peers
	@$(MAKE) --no-print-directory bench-run

.PHONY: bench-smoke
bench-smoke: ## the same in a short form that judges no times
	@$(DEPS) build demo bench valgrind
	@$(MAKE) --no-print-directory bench-run BENCH=smoke

.PHONY: lint
lint: ## checks layout, includes, warnings of gcc and clang, clang-tidy, cppcheck and luacheck
	@$(DEPS) build lint
	@$(MAKE) --no-print-directory --keep-going $(LINTS)

.PHONY: sanitize
sanitize: ## runs the specs under the sanitizers of addresses, leaks and undefined behaviour
	@$(DEPS) build command demo test
	@$(MAKE) --no-print-directory specs BUILD=$(BUILD)/sanitize SANITIZE=address,undefined \
	    RUNNER='$(UNDER_SANITIZERS)'

.PHONY: valgrind
valgrind: ## runs the specs under valgrind's memcheck
	@$(DEPS) build command demo test valgrind
	@UNDER_VALGRIND="$(MEMCHECK)" $(MAKE) --no-print-directory specs RUNNER="$(MEMCHECK)"

.PHONY: races
races: ## runs many Lua states in threads under the thread sanitizer and under helgrind
	@$(DEPS) build command demo test valgrind
	@TSAN_OPTIONS="ignore_noninstrumented_modules=1" $(MAKE) --no-print-directory specs \
	    BUILD=$(BUILD)/races SANITIZE=thread SPECS=spec/threads
	@HELGRIND="$(HELGRIND)" $(MAKE) --no-print-directory specs SPECS=spec/threads

.PHONY: systems
systems: ## runs test, lint and the rock on other systems, in chroots, as root; SYSTEM=trixie on this one
	@bash spec/systems/run.sh $(SYSTEM)

.PHONY: coverage
coverage: ## runs the specs and lists the lines of src that none of them reaches
	@$(DEPS) build command demo test coverage
	@# Specs that look at what was built, or link its objects, fail on these.
	-@$(MAKE) --no-print-directory specs BUILD=$(BUILD)/coverage DEBUG=1 CFLAGS=--coverage
	gcovr --root . --filter src/ --txt --fail-under-line 95 $(BUILD)/coverage

.PHONY: fuzz
fuzz: ## SECONDS=n: fuzzes each target so long; TARGETS=... these
	@$(DEPS) build demo fuzz
	@$(MAKE) --no-print-directory fuzzing BUILD=$(BUILD)/fuzz CC=clang SANITIZE=address,undefined,fuzzer-no-link

.PHONY: sweep
sweep: ## lets every allocation fail in turn, under TLS too, which takes long
	@$(DEPS) build command demo test
	@SWEEP_TLS=1 $(MAKE) --no-print-directory specs SPECS=spec/memory

.PHONY: strikes
strikes: ## STRIKES=n, SEED=n: strikes runs of heygen-delete so many times, with kill -9, signals, a full disk, outages
	@$(DEPS) build command demo test
	@STRIKES="$(STRIKES)" SEED="$(SEED)" $(MAKE) --no-print-directory specs SPECS=spec/command/strikes_spec.lua

.PHONY: soak
soak: ## CALLS=n, SEED=n: so many calls through a service that misbehaves at random
	@$(DEPS) build demo test
	@$(MAKE) --no-print-directory modules
	@$(LUA_ENVIRONMENT) $(LUA) spec/soak/soak.lua $(CALLS) $(SEED)

.PHONY: with-headers
with-headers:
	@$(DEPS) build
	@$(MAKE) --no-print-directory LUA="$(LUA)" all

# ---- how -------------------------------------------------------------------------------------

# Whatever installs packages makes a second make do the work: this one has read pkg-config's answers before.
DEPS = LUA="$(LUA)" LUA_VERSION="$(LUA_VERSION)" PKG_CONFIG="$(PKG_CONFIG)" CC="$(CC)" \
    CLANG_FORMAT="$(CLANG_FORMAT)" CLANG_TIDY="$(CLANG_TIDY)" sh spec/support/deps.sh

LUA_FOLDER = $(DESTDIR)$(PREFIX)/share/lua/$(LUA_VERSION)/heygen
C_FOLDER = $(DESTDIR)$(PREFIX)/lib/lua/$(LUA_VERSION)/heygen
BIN_FOLDER = $(DESTDIR)$(PREFIX)/bin
MANUAL_FOLDER = $(DESTDIR)$(PREFIX)/share/man/man1

quietly = $(if $(V),,@echo "  $(1)";)

$(CORE): $(CORE_OBJECTS)
$(PROBE): $(PROBE_OBJECTS)
$(FAULTS): $(FAULTS_OBJECTS)
$(FUZZ): $(FUZZ_OBJECTS)
$(CORE) $(PROBE) $(FAULTS) $(FUZZ):
	@mkdir -p $(@D)
	$(call quietly,LINK $@)$(LINK) -o $@ $^ $(LIBRARIES)

# It stands before malloc, where no sanitizer can, and no compiler may take its functions for the usual ones; and it
# is preloaded into programs without Lua too, whose functions must not be looked for before they are used.
$(FAULTS): MODE_FLAGS := -O2 -g -fno-builtin
$(FAULTS): LINK_FLAGS := -shared -Wl,-z,lazy

$(FUZZER): $(FUZZER_OBJECTS)
	$(call quietly,LINK $@)$(CC) -fsanitize=fuzzer $(MODE_FLAGS) -o $@ $^ $(LIBRARIES) \
	    $(shell $(PKG_CONFIG) --libs $(LUA_PC)) -pthread -lm

$(BUILD)/obj/%.o: %.c Makefile | libraries
	@mkdir -p $(@D)
	$(call quietly,CC $<)$(COMPILE) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(CORE_OBJECTS) $(PROBE_OBJECTS) $(FAULTS_OBJECTS) $(FUZZ_OBJECTS) $(FUZZER_OBJECTS))

.PHONY: libraries
libraries:
	@$(PKG_CONFIG) --exists libcurl libcjson $(or $(LUA_PC),lua$(LUA_VERSION)) 2>/dev/null || { \
	  echo "The headers of libcurl, cJSON or Lua $(LUA_VERSION) are missing: 'make deps' installs them." >&2; exit 1; }
	@$(PKG_CONFIG) --exists "libcurl >= 7.80" || { \
	  echo "libcurl 7.80 or newer is needed; this system has $$($(PKG_CONFIG) --modversion libcurl)." >&2; exit 1; }

# Absolute, since specs start children in other folders. The versioned variables would win over these.
OF_VERSION = _$(subst .,_,$(LUA_VERSION))
LUA_ENVIRONMENT = unset LUA_PATH$(OF_VERSION) LUA_CPATH$(OF_VERSION); LUA="$(LUA)" \
    LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$(CURDIR)/?.lua;$(or $(LUA_PATH$(OF_VERSION)),$(LUA_PATH),;)" \
    LUA_CPATH="$(abspath $(BUILD))/?.so;$(or $(LUA_CPATH$(OF_VERSION)),$(LUA_CPATH),;)"

.PHONY: modules
modules: $(CORE) $(PROBE) $(FAULTS) $(FUZZ)

# No spec may meet a real key.
.PHONY: specs
specs: modules
	$(call quietly,BUSTED $(SPECS))unset HEYGEN_API_KEY HEYGEN_API_BASE HEYGEN_API_VERSION; $(LUA_ENVIRONMENT) BUILD="$(abspath $(BUILD))" \
	    $(RUNNER) $(BUSTED) $(SPECS)

BENCH_LIMITS := $(addprefix $(BUILD)/bench/limit_,blocking bulk frames)
BENCH_PROGRAMS := $(BENCH_LIMITS) $(BUILD)/bench/measure
$(BENCH_LIMITS): $(call objects,spec/bench/limit.c)
$(BENCH_PROGRAMS): $(BUILD)/bench/%: $(BUILD)/obj/spec/bench/%.o
	@mkdir -p $(@D)
	$(call quietly,LINK $@)$(CC) $(MODE_FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

-include $(BENCH_PROGRAMS:$(BUILD)/bench/%=$(BUILD)/obj/spec/bench/%.d) $(BUILD)/obj/spec/bench/limit.d

.PHONY: bench-programs bench-run
bench-programs: $(BENCH_PROGRAMS)
bench-run: $(CORE) bench-programs
	@unset HEYGEN_API_KEY HEYGEN_API_BASE HEYGEN_API_VERSION; $(LUA_ENVIRONMENT) BUILD="$(abspath $(BUILD))" \
	    $(LUA) spec/bench/run.lua $(BENCH) $(if $(WORD),"$(WORD)")

# What libFuzzer finds worth keeping stays in the corpus for the next time.
.PHONY: fuzzing
fuzzing: $(FUZZER)
	@$(LUA_ENVIRONMENT) $(LUA) spec/fuzz/seeds.lua "$(BUILD)/seeds"
	@for target in $(TARGETS); do \
	  echo "  FUZZ $$target"; mkdir -p "$(BUILD)/corpus/$$target"; \
	  TARGET=$$target $(FUZZER) -max_total_time=$(SECONDS) -dict=spec/fuzz/words.dict -verbosity=0 -print_final_stats=1 \
	      -artifact_prefix="$(BUILD)/$$target-" "$(BUILD)/corpus/$$target" "$(BUILD)/seeds/$$target" || exit; \
	done

# The interpreter is no sanitized program, so the runtime is preloaded, in the specs' children too. Leaks are
# looked for in the interpreter alone: a shell or openssl that exits has some of its own.
UNDER_SANITIZERS = LD_PRELOAD="$(shell $(CC) -print-file-name=libasan.so)" \
    ASAN_OPTIONS="detect_leaks=0:include_if_exists=$(CURDIR)/spec/support/asan.%b" \
    LSAN_OPTIONS="suppressions=$(CURDIR)/spec/support/lsan.supp:print_suppressions=0" UBSAN_OPTIONS=print_stacktrace=1

# A malloc that stands before the C library's is to be run, not replaced: that of spec/memory.
MEMCHECK = valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
    --soname-synonyms=somalloc=nouserintercepts

LINTS := lint-layout lint-includes lint-gcc lint-clang lint-tidy lint-cppcheck lint-lua
.PHONY: $(LINTS)
# Other versions break some lines differently, so one decides: Debian 12's.
LAYOUT_VERSION := 14
lint-layout:
	@if $(CLANG_FORMAT) --version | grep -q 'version $(LAYOUT_VERSION)\.'; then \
	  $(CLANG_FORMAT) --dry-run --Werror $(C_FILES); \
	else echo "The layout is for clang-format $(LAYOUT_VERSION) to check; this is another version."; fi

lint-includes:
	@$(LUA) spec/support/includes.lua

lint-gcc lint-clang: lint-%:
	@$(MAKE) --no-print-directory modules bench-programs CC=$* BUILD=$(BUILD)/lint/$* CFLAGS=-Werror

lint-tidy:
	@# libcurl's checks of types would count as statements of the functions that set its options.
	$(CLANG_TIDY) --quiet $(filter %.c,$(C_FILES)) -- $(LANGUAGE) -DCURL_DISABLE_TYPECHECK

# What the libraries' headers would tell, which cppcheck does not read: versions, and who does not come back.
CPPCHECK_KNOWS = -DLUA_VERSION_NUM=504 -DLUA_VERSION_RELEASE_NUM=50404 -DLIBCURL_VERSION_NUM=0x080000 \
    '-D_Noreturn=__attribute__((noreturn))' \
    '-DluaL_argcheck(L,condition,index,words)=((condition)?(void)0:abort())'
lint-cppcheck:
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	    --suppress=normalCheckLevelMaxBranches $(CPPCHECK_KNOWS) -Isrc $(C_FILES)

lint-lua:
	luacheck --quiet --no-color lua src/command/heygen-delete spec .busted .luacheckrc
	luacheck --quiet --no-color --filename heygen-scm-1.rockspec - < heygen-scm-1.rockspec
