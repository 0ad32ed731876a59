-- What every script begins with. KEYS[1] is what all keys of one miroir begin with: one hash tag, so that in a cluster
-- they lie on one server. ARGV[1] names the step, the others are its arguments. Times are microseconds since the Unix
-- epoch; numbers are kept as decimal texts, lists as JSON. Nothing is undone when a script fails: a step checks before
-- it writes.
local call = redis.call
local step = {}

local function key(...)
  return KEYS[1] .. table.concat({...}, ':')
end
local counters = key('counters')

-- Lua prints large numbers with an exponent.
local function text(number)
  return string.format('%.0f', number)
end

-- A hash field that is not there is false.
local function get(name, field)
  return call('HGET', name, field)
end

-- Optional texts are sent as '' or '=...'.
local function given(argument)
  return argument ~= '' and argument:sub(2) or nil
end

local function raise_view()
  call('HINCRBY', counters, 'view', 1)
end

local function is_live(replica, now)
  local expires_at = call('ZSCORE', key('peers'), replica)
  return expires_at and tonumber(expires_at) > now
end

local function current_epoch()
  return get(key('topology'), 'epoch') or '0'
end

local function current_generation(logical)
  return get(key('index', logical), 'generation') or '0'
end

-- The uids of a sorted set, as numbers.
local function uids_of(name)
  local uids = {}
  for i, uid in ipairs(call('ZRANGE', name, 0, -1)) do
    uids[i] = tonumber(uid)
  end
  return uids
end

local function fields_of_each(name, uids)
  local all = {}
  for i, uid in ipairs(uids) do
    all[i] = call('HGETALL', key(name, uid))
  end
  return all
end
