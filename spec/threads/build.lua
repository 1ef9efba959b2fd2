--- The program of host.c, with the module linked in.

local assert = require "luassert"

--- Compiles it, for the sanitizer in the environment's SANITIZE if there is one.
---@return string path the caller removes it
return function()
  local host = os.tmpname()
  local sanitize = os.getenv "SANITIZE"
  local pipe = assert(io.popen(([[
    for name in lua5.4 lua-5.4 lua54 lua; do
      if pkg-config --exists "$name >= 5.4 $name < 5.5"; then break; fi
    done
    objects=$(for source in src/*/*.c; do echo "$BUILD/obj/${source%%.c}.o"; done)
    exec env -u LD_PRELOAD ${CC:-cc} -std=c11 -g -pthread -rdynamic %s -o %s \
      spec/threads/host.c $objects $(pkg-config --cflags --libs $name libcurl libcjson) -lm -ldl 2>&1
  ]]):format(sanitize and "-fsanitize=" .. sanitize or "", host)))
  local words = pipe:read "a"
  assert(pipe:close(), words)
  return host
end
