-- Notifications for wrk: each with a number that no other has. See load.ts for the arguments.

local USERS = 5000

local number, items, head, pieces, rest

function setup(thread)
  generator = thread
end

function init(arguments)
  local path, host, template = arguments[1], arguments[2], arguments[3]
  items = tonumber(arguments[4])
  number = tonumber(arguments[5])
  -- Before it begins, wrk asks for one request that it does not send.
  sentCount = -1
  head = "POST " .. path .. " HTTP/1.1\r\nhost: " .. host .. "\r\ncontent-type: application/json\r\ncontent-length: "
  pieces = {}
  local at = 1
  for before, hole in template:gmatch("(.-)@(%a+)@") do
    pieces[#pieces + 1] = { text = before, hole = hole }
    at = at + #before + #hole + 2
  end
  rest = template:sub(at)
end

local function item()
  number = number + 1
  local decimal, user = string.format("%d", number), string.format("%012d", number % USERS)
  local parts, count = {}, 0
  for index = 1, #pieces do
    parts[count + 1] = pieces[index].text
    parts[count + 2] = pieces[index].hole == "user" and user or decimal
    count = count + 2
  end
  parts[count + 1] = rest
  return table.concat(parts)
end

function request()
  sentCount = sentCount + 1
  local list = {}
  for index = 1, items do
    list[index] = item()
  end
  local body = '{"value":[' .. table.concat(list, ",") .. "]}"
  return head .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nload {"sent":%d,"answered":%d,"durationMs":%.3f,"refused":%d,"broken":%d,"cpuMs":%.3f,"p50Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f}\n',
    -- Only what is global can be read from outside the thread.
    generator:get("sentCount"), summary.requests, summary.duration / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout, os.clock() * 1000,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
