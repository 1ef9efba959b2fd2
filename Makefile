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
# Everything that is made goes below BUILD; a second BUILD is a second tree.
BUILD = $(if $(SANITIZE),build/sanitize,$(if $(DEBUG),build/debug,build))
# What `test`, `sanitize` and `valgrind` run: files or folders.
SPECS = spec

# Lua's name for pkg-config differs between systems.
LUA_PC ?= $(shell for name in lua5.4 lua-5.4 lua54 lua; do \
    $(PKG_CONFIG) --exists "$$name >= 5.4 $$name < 5.5" 2>/dev/null && echo $$name && break; done)

# ---- what is built from what -----------------------------------------------------------------

CLIENT_SOURCES := $(wildcard src/client/*.c)
BINDING_SOURCES := $(wildcard src/binding/*.c)
PROBE_SOURCES := $(wildcard spec/support/probe*.c)
C_FILES := $(wildcard src/*/*.[ch] spec/*/*.[ch])
LUA_FILES := $(wildcard lua/heygen/*.lua)
COMMAND_FILES := $(wildcard lua/heygen/command/*.lua)

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
CORE := $(BUILD)/heygen/core.so
CORE_OBJECTS := $(call objects,$(CLIENT_SOURCES) $(BINDING_SOURCES))
PROBE := $(BUILD)/heygen_probe.so
PROBE_OBJECTS := $(call objects,$(CLIENT_SOURCES) $(PROBE_SOURCES))

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
	install -m 755 lua/bin/heygen-delete "$(BIN_FOLDER)"
	sed '1s|lua5.4|$(LUA)|' lua/bin/heygen-delete > "$(BIN_FOLDER)/heygen-delete"
	install -m 644 lua/man/heygen-delete.1 "$(MANUAL_FOLDER)"

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
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 12

# ---- to work on it ---------------------------------------------------------------------------

.PHONY: test
test: ## runs every spec; SPECS=... runs these
	@$(DEPS) build command demo test
	@$(MAKE) --no-print-directory specs

.PHONY: lint
lint: ## checks layout, warnings of gcc and clang, clang-tidy, cppcheck and luacheck
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
	@$(MAKE) --no-print-directory specs RUNNER='$(UNDER_VALGRIND)'

# ---- how -------------------------------------------------------------------------------------

# Whatever installs packages makes a second make do the work: this one has read pkg-config's answers before.
DEPS = LUA="$(LUA)" PKG_CONFIG="$(PKG_CONFIG)" CC="$(CC)" \
    CLANG_FORMAT="$(CLANG_FORMAT)" CLANG_TIDY="$(CLANG_TIDY)" sh spec/support/deps.sh

LUA_FOLDER = $(DESTDIR)$(PREFIX)/share/lua/5.4/heygen
C_FOLDER = $(DESTDIR)$(PREFIX)/lib/lua/5.4/heygen
BIN_FOLDER = $(DESTDIR)$(PREFIX)/bin
MANUAL_FOLDER = $(DESTDIR)$(PREFIX)/share/man/man1

quietly = $(if $(V),,@echo "  $(1)";)

$(CORE): $(CORE_OBJECTS)
$(PROBE): $(PROBE_OBJECTS)
$(CORE) $(PROBE):
	@mkdir -p $(@D)
	$(call quietly,LINK $@)$(LINK) -o $@ $^ $(LIBRARIES)

$(BUILD)/obj/%.o: %.c Makefile | libraries
	@mkdir -p $(@D)
	$(call quietly,CC $<)$(COMPILE) -MMD -MP -c -o $@ $<

-include $(CORE_OBJECTS:.o=.d) $(PROBE_OBJECTS:.o=.d)

.PHONY: libraries
libraries:
	@$(PKG_CONFIG) --exists libcurl libcjson $(or $(LUA_PC),lua5.4) 2>/dev/null || { \
	  echo "The headers of libcurl, cJSON or Lua 5.4 are missing: 'make deps' installs them." >&2; exit 1; }

# Absolute, since specs start children in other folders. The versioned variables would win over these.
LUA_ENVIRONMENT = unset LUA_PATH_5_4 LUA_CPATH_5_4; LUA="$(LUA)" \
    LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$(CURDIR)/?.lua;$(or $(LUA_PATH_5_4),$(LUA_PATH),;)" \
    LUA_CPATH="$(abspath $(BUILD))/?.so;$(or $(LUA_CPATH_5_4),$(LUA_CPATH),;)"

.PHONY: modules
modules: $(CORE) $(PROBE)

# No spec may meet a real key.
.PHONY: specs
specs: modules
	$(call quietly,BUSTED $(SPECS))unset HEYGEN_API_KEY HEYGEN_API_BASE; $(LUA_ENVIRONMENT) BUILD="$(abspath $(BUILD))" \
	    $(RUNNER) $(BUSTED) $(SPECS)

# The interpreter is no sanitized program, so the runtime is preloaded, in the specs' children too. Leaks are
# looked for in the interpreter alone: a shell or openssl that exits has some of its own.
UNDER_SANITIZERS = LD_PRELOAD="$(shell $(CC) -print-file-name=libasan.so)" \
    ASAN_OPTIONS="detect_leaks=0:include_if_exists=$(CURDIR)/spec/support/asan.%b" \
    LSAN_OPTIONS="suppressions=$(CURDIR)/spec/support/lsan.supp:print_suppressions=0" UBSAN_OPTIONS=print_stacktrace=1

UNDER_VALGRIND = valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
    --trace-children=yes --trace-children-skip="*/sh,*/bash,*/env,*/timeout,*/openssl,*/make" \
    --trace-children-skip-by-arg="*service.lua"

LINTS := lint-layout lint-gcc lint-clang lint-tidy lint-cppcheck lint-lua
.PHONY: $(LINTS)
lint-layout:
	$(CLANG_FORMAT) --dry-run --Werror $(C_FILES)

lint-gcc lint-clang: lint-%:
	@$(MAKE) --no-print-directory modules CC=$* BUILD=$(BUILD)/lint/$* CFLAGS=-Werror

lint-tidy:
	$(CLANG_TIDY) --quiet $(filter %.c,$(C_FILES)) -- $(LANGUAGE)

lint-cppcheck:
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	    -Isrc $(C_FILES)

lint-lua:
	luacheck --quiet --no-color lua lua/bin/heygen-delete spec .busted .luacheckrc
	luacheck --quiet --no-color --filename heygen-scm-1.rockspec - < heygen-scm-1.rockspec
