--- What the README says: its sections and their tables.

local readme = {}

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

--- The whole text.
readme.text = read "README.md"

-- The text below a heading, up to the next one.
local function section(heading)
  local _, above = readme.text:find("\n##+ " .. heading .. "\n")
  assert(above, "the README has no section " .. heading)
  return readme.text:sub(above + 1, readme.text:find("\n##", above, true))
end

local function cells_of(line)
  local cells = {}
  for cell in line:gmatch "|([^|]*)%f[|]" do cells[#cells + 1] = cell:match "^%s*(.-)%s*$" end
  return cells
end

-- A section's table: its rows in order, each with the cells under their columns' names. Code in the first column loses
-- its back-quotes.
local function rows_of(heading)
  local rows, columns = {}, nil
  for line in section(heading):gmatch "[^\n]+" do
    local cells = line:find "^|" and cells_of(line)
    if cells and not columns then
      columns = cells
    elseif cells and not cells[1]:find "^%-" then
      local row = {}
      for position, cell in ipairs(cells) do row[columns[position]] = cell end
      row.first = cells[1]:match "^`(.*)`$" or cells[1]
      rows[#rows + 1] = row
    end
  end
  assert(#rows > 0, "the README has no table in section " .. heading)
  return rows
end

--- The first cells of a section's table, in order; or what a pattern finds in them.
---@param heading string
---@param pattern string?
---@return string[]
function readme.first_cells(heading, pattern)
  local list = {}
  for _, row in ipairs(rows_of(heading)) do list[#list + 1] = row.first:match(pattern or ".+") end
  return list
end

--- The rows of a section's table by their first cells, each with its cells by their columns' names.
---@param heading string
---@return table<string, table<string, string>>
function readme.by_name(heading)
  local rows = {}
  for _, row in ipairs(rows_of(heading)) do rows[row.first] = row end
  return rows
end

return readme
