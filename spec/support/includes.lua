--- Prints each circle that the #include lines of src make, and fails if there is one. A header and its source count as
--- one file: `client.c` may include `client.h`, but whoever `client.c` builds on may not include `client.h`.

local function files()
  local listing = assert(io.popen("find src -name '*.[ch]' | sort"))
  local names = {}
  for name in listing:lines() do names[#names + 1] = name end
  listing:close()
  return names
end

local function unit_of(path) return (path:gsub("%.[ch]$", "")) end

--- The unit that an #include names: beside the file that includes it, or below src.
local function included_unit(units, path, name)
  local beside = unit_of(path:match "^(.*/)" .. name)
  local below_src = unit_of("src/" .. name)
  return units[beside] and beside or units[below_src] and below_src or nil
end

local function read_graph()
  local names, units = files(), {}
  for _, path in ipairs(names) do units[unit_of(path)] = units[unit_of(path)] or {} end
  for _, path in ipairs(names) do
    local unit = unit_of(path)
    for line in io.lines(path) do
      local name = line:match '^%s*#%s*include%s+"([^"]+)"'
      local other = name and included_unit(units, path, name)
      if other and other ~= unit then units[unit][other] = true end
    end
  end
  return units
end

local function sorted_keys(set)
  local keys = {}
  for key in pairs(set) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- Walks depth first; a unit that is met again while it is on the path closes a circle.
local function find_circles(units)
  local circles, path, state = {}, {}, {}
  local function visit(unit)
    state[unit] = "on the path"
    path[#path + 1] = unit
    for _, other in ipairs(sorted_keys(units[unit])) do
      if state[other] == "on the path" then
        local from = #path
        while path[from] ~= other do from = from - 1 end
        circles[#circles + 1] = table.concat(path, " -> ", from) .. " -> " .. other
      elseif not state[other] then
        visit(other)
      end
    end
    path[#path] = nil
    state[unit] = "done"
  end
  for _, unit in ipairs(sorted_keys(units)) do
    if not state[unit] then visit(unit) end
  end
  return circles
end

local circles = find_circles(read_graph())
for _, circle in ipairs(circles) do print("a circle of includes: " .. circle) end
os.exit(#circles == 0)
