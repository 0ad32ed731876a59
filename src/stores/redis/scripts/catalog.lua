-- IndexCatalog. Answers of changes: done, stale_generation, name_taken, not_found.
local indexes = key('indexes')
local generations = key('generations')

-- Higher than every generation that the name has had and than `above`.
local function issue_generation(logical, above)
  local last = tonumber(get(generations, logical) or '0')
  local next = text(math.max(last, tonumber(above)) + 1)
  call('HSET', generations, logical, next)
  return next
end

local function compare(logical, expected)
  local current = current_generation(logical)
  if current == '0' then
    return 'not_found'
  end
  return current == expected and 'done' or 'stale_generation'
end

local function mark_changed(logical, above)
  call('HSET', key('index', logical), 'generation', issue_generation(logical, above), 'updated_at', text(now()))
  raise_view()
end

-- A change of the index ARGV[2] whose generation is expected to be ARGV[3]: `change` may refuse it with an answer.
local function when_current(change)
  local answer = compare(ARGV[2], ARGV[3])
  if answer == 'done' then
    answer = change() or 'done'
  end
  return answer
end

local function move_name(from, to)
  if call('EXISTS', key('index', from)) == 0 then
    return
  end
  call('RENAME', key('index', from), key('index', to))
  call('HSET', key('index', to), 'logical', to)
  call('SREM', indexes, from)
  call('SADD', indexes, to)
end

function step.list()
  local all = {}
  for i, logical in ipairs(call('SMEMBERS', indexes)) do
    all[i] = call('HGETALL', key('index', logical))
  end
  return all
end

function step.find()
  return call('HGETALL', key('index', ARGV[2]))
end

-- logical, physical, primary key, shards, placement, settings, their version
function step.create()
  local logical, physical = ARGV[2], ARGV[3]
  if current_generation(logical) ~= '0' or call('SISMEMBER', key('physical_uids'), physical) == 1 then
    return {}
  end
  local at = text(now())
  call('SADD', key('physical_uids'), physical)
  call('HSET', key('index', logical), 'logical', logical, 'physical', physical, 'generation',
    issue_generation(logical, 0), 'shards', ARGV[5], 'placement', ARGV[6], 'settings', ARGV[7], 'settings_version',
    ARGV[8], 'created_at', at, 'updated_at', at)
  local primary_key = given(ARGV[4])
  if primary_key then
    call('HSET', key('index', logical), 'primary_key', primary_key)
  end
  call('SADD', indexes, logical)
  raise_view()
  return call('HGETALL', key('index', logical))
end

-- logical, expected generation, key
function step.set_primary_key()
  return when_current(function()
    if call('HSETNX', key('index', ARGV[2]), 'primary_key', ARGV[4]) == 0 then
      return 'stale_generation'
    end
    mark_changed(ARGV[2], ARGV[3])
  end)
end

-- logical, expected generation, key or none
function step.change_primary_key()
  return when_current(function()
    local primary_key = given(ARGV[4])
    if primary_key then
      call('HSET', key('index', ARGV[2]), 'primary_key', primary_key)
    else
      call('HDEL', key('index', ARGV[2]), 'primary_key')
    end
    mark_changed(ARGV[2], ARGV[3])
  end)
end

-- logical, expected generation, the new name
function step.rename()
  return when_current(function()
    if current_generation(ARGV[4]) ~= '0' then
      return 'name_taken'
    end
    move_name(ARGV[2], ARGV[4])
    mark_changed(ARGV[4], ARGV[3])
  end)
end

local function check_swaps(swaps)
  for _, swap in ipairs(swaps) do
    local known = current_generation(swap.to) ~= '0'
    if current_generation(swap.from) == '0' or (not swap.rename and not known) then
      return 'not_found'
    end
    if swap.rename and known then
      return 'name_taken'
    end
  end
  return 'done'
end

-- No index can have this uid: a name that one of two waits under while they change places.
local nobody = ' swap'

local function move_all(from, to, below)
  move_name(from, to)
  rename_index(from, to, below)
end

-- swaps, below
function step.swap()
  local swaps = cjson.decode(ARGV[2])
  local change = check_swaps(swaps)
  if change ~= 'done' then
    return change
  end
  for _, swap in ipairs(swaps) do
    local above = math.max(tonumber(current_generation(swap.from)), tonumber(current_generation(swap.to)))
    move_all(swap.to, nobody, ARGV[3])
    move_all(swap.from, swap.to, ARGV[3])
    move_all(nobody, swap.from, ARGV[3])
    mark_changed(swap.to, above)
    if not swap.rename then
      mark_changed(swap.from, above)
    end
  end
  return 'done'
end

-- logical, expected generation, settings
function step.set_settings()
  return when_current(function()
    call('HSET', key('index', ARGV[2]), 'settings', ARGV[4])
    call('HINCRBY', key('index', ARGV[2]), 'settings_version', 1)
    mark_changed(ARGV[2], ARGV[3])
  end)
end

-- logical, expected generation
function step.remove()
  return when_current(function()
    call('DEL', key('index', ARGV[2]))
    call('SREM', indexes, ARGV[2])
    raise_view()
  end)
end

function step.removed_among()
  local current = {}
  for _, logical in ipairs(call('SMEMBERS', indexes)) do
    current[get(key('index', logical), 'physical')] = true
  end
  local removed = {}
  for _, physical in ipairs(cjson.decode(ARGV[2])) do
    if not current[physical] and call('SISMEMBER', key('physical_uids'), physical) == 1 then
      removed[#removed + 1] = physical
    end
  end
  return removed
end

function step.touch()
  if call('EXISTS', key('index', ARGV[2])) == 1 then
    call('HSET', key('index', ARGV[2]), 'updated_at', text(now()))
  end
end
