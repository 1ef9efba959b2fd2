-- The raw text of an answer, and its memory.

local probe = require "heygen_probe"
local process = require "spec.support.process"
local server = require "spec.support.server"

local KEPT = 16 * 1024

local body

before_each(function() body = probe.body() end)

local function capacity() return (select(2, body:text())) end

describe("the body of an answer", function()
  it("begins empty, without memory", function()
    assert.same({ "", 0 }, { body:text() })
    body:shrink()
    assert.same({ "", 0 }, { body:text() })
  end)

  it("is what has come, in parts of any size", function()
    local parts = {}
    for number = 0, 200 do
      parts[#parts + 1] = ("%c"):format(number):rep(number * 7 % 500)
      assert.is_true(body:append(parts[#parts]))
    end
    assert.equal(table.concat(parts), (body:text()))
  end)

  it("doubles its memory, so that few parts move it", function()
    local capacities = {}
    for _ = 1, 10000 do
      body:append "0123456789"
      capacities[capacity()] = true
    end
    local count = 0
    for _ in pairs(capacities) do count = count + 1 end
    assert.is_true(count <= 8)
    assert.is_true(capacity() < 2 * 100000)
  end)

  it("keeps its memory for the next answer", function()
    body:append(("x"):rep(KEPT))
    body:shrink()
    assert.same({ ("x"):rep(KEPT), KEPT }, { body:text() })
  end)

  it("keeps the beginning alone of a large one", function()
    body:append("begin" .. ("x"):rep(10 * KEPT))
    body:shrink()
    assert.same({ "begin" .. ("x"):rep(KEPT - 5), KEPT }, { body:text() })
  end)

  it("can be freed, and filled again", function()
    body:append "text"
    body:free()
    assert.same({ "", 0 }, { body:text() })
    body:append "more"
    assert.equal("more", (body:text()))
  end)
end)

-- Preloaded, it tells of each memory that is given back while it begins as the answers below do; of one of its own too.
local WATCH = [[
  #define _GNU_SOURCE
  #include <dlfcn.h>
  #include <malloc.h>
  #include <string.h>
  #include <unistd.h>

  static const char beginning[] = "{\"marked\":";

  static void look(void *memory) {
    size_t size = sizeof beginning - 1;
    if (memory != NULL && malloc_usable_size(memory) >= size && memcmp(memory, beginning, size) == 0) {
      (void)!write(2, "unwiped\n", 8);
    }
  }

  void free(void *memory) {
    static void (*next)(void *); /* looked up once: a look-up that fails elsewhere frees memory */
    next = next != NULL ? next : (void (*)(void *))dlsym(RTLD_NEXT, "free");
    look(memory);
    next(memory);
  }

  void *realloc(void *memory, size_t size) {
    static void *(*next)(void *, size_t);
    next = next != NULL ? next : (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    look(memory);
    return next(memory, size);
  }

  __attribute__((constructor)) static void prove(void) {
    free(strdup(beginning));
  }
]]

-- A preloaded library stands in the way of sanitizers and of valgrind.
local can_watch = not os.getenv "LD_PRELOAD" and not os.getenv "UNDER_VALGRIND"
  and process.run({ "sh", "-c", "ldd --version 2>&1 | grep -qi glibc" }).status == 0
local it_watched = can_watch and it or pending

describe("the memory of an answer", function()
  it_watched("is wiped before it is given back: the answer may echo the key", function()
    local library = os.tmpname()
    local compiled = process.run({ "sh", "-c", '${CC:-cc} -O0 -shared -fPIC -x c - -o "$0" -ldl', library },
      { stdin = WATCH })
    assert.equal(0, compiled.status, compiled.stderr)
    local service <close> = server.start()
    -- A short one, one that the memory has to grow for, one that is too large to be kept, one with numbers to rewrite.
    for id, value in pairs { short = "1", longer = "[" .. ("1,"):rep(1000) .. "2]",
      huge = '"' .. ("x"):rep(20000) .. '"', exponent = "1e2" } do
      service:plan(id, { { { status = 200, body = ('{"marked":%s,"code":100}'):format(value) } } })
    end
    local script = [[
      local client <close> = require "heygen".new { api_key = "test-key", base_url = (...) }
      for _, id in ipairs { "short", "longer", "huge", "short", "exponent" } do
        client:delete_photo_avatar(id, { missing_ok = true })
      end
      print "done"
    ]]
    local result = process.run({ "env", "LD_PRELOAD=" .. library, process.INTERPRETER, "-", service.url },
      { stdin = script })
    os.remove(library)
    assert.same({ "done\n", "unwiped\n" }, { result.stdout, result.stderr })
  end)
end)
