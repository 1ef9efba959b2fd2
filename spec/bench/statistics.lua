--- Of a few numbers: what is in their middle, and how far they are spread.

local statistics = {}

---@param numbers number[]
---@return number median
---@return number least
---@return number most
function statistics.summary(numbers)
  local sorted = table.move(numbers, 1, #numbers, 1, {})
  table.sort(sorted)
  local middle = #sorted // 2
  local median = #sorted % 2 == 1 and sorted[middle + 1] or (sorted[middle] + sorted[middle + 1]) / 2
  return median, sorted[1], sorted[#sorted]
end

return statistics
