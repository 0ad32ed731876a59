-- WriteJournal. Entries by what they are asked for: all, the open ones (also by each index that they name), those with
-- a control operation, the frozen ones.
local entries = key('journal')
local open_entries = key('journal', 'open')
local operations = key('journal', 'operations')
local frozen = key('journal', 'frozen')
-- Of holds: above every task's uid.
local first_hold = 2147483648

-- logical, epoch, generation
local function refusal_of(logical, epoch, generation)
  if current_epoch() ~= epoch then
    return 'stale_epoch'
  end
  if current_generation(logical) ~= generation then
    return 'stale_generation'
  end
  return nil
end

local function numbers_in(list)
  local numbers = {}
  for number in list:gmatch('%d+') do
    numbers[number] = true
  end
  return numbers
end

local function share(shards, list)
  for number in list:gmatch('%d+') do
    if shards[number] then
      return true
    end
  end
  return false
end

local function names_of(logical, others)
  local names = cjson.decode(others)
  names[#names + 1] = logical
  return names
end

-- Uids of the open entries that share an index and a shard; ascending.
local function open_conflicts(logical, others, whole, shards)
  local mine = numbers_in(shards)
  local found, seen = {}, {}
  for _, name in ipairs(names_of(logical, others)) do
    for _, uid in ipairs(uids_of(key('journal', 'open', name))) do
      if not seen[uid] then
        seen[uid] = true
        local other = call('HMGET', key('entry', text(uid)), 'whole', 'shards')
        if whole == '1' or other[1] == '1' or share(mine, other[2]) then
          found[#found + 1] = uid
        end
      end
    end
  end
  table.sort(found)
  return found
end

local function texts(uids)
  for i, uid in ipairs(uids) do
    uids[i] = text(uid)
  end
  return uids
end

local function list_open(uid, logical, others)
  call('ZADD', open_entries, uid, uid)
  for _, name in ipairs(names_of(logical, others)) do
    call('ZADD', key('journal', 'open', name), uid, uid)
  end
end

local function unlist_open(uid)
  local entry = call('HMGET', key('entry', uid), 'logical', 'others')
  call('ZREM', open_entries, uid)
  for _, name in ipairs(names_of(entry[1], entry[2])) do
    call('ZREM', key('journal', 'open', name), uid)
  end
end

-- targets: [[node, [shard, ...]], ...]
local function plan_parts(uid, targets)
  for _, target in ipairs(cjson.decode(targets)) do
    add_part(uid, target[1], '[' .. table.concat(target[2], ',') .. ']', 'planned')
  end
end

-- logical, physical, epoch, generation, whole, shards, others, targets, replica, nonce, operation, its body, most open
-- entries; of the task: type, index, details, metadata; scope and body of its claim or '', the time to live and most of
-- claims
function step.open()
  local logical, physical, epoch, generation, whole, shards, others, targets, replica, nonce, operation, body, most =
    unpack(ARGV, 2, 14)
  local scope, body_of_claim, ttl, most_claims = ARGV[19], ARGV[20], tonumber(ARGV[21]), tonumber(ARGV[22])
  local claim = scope ~= '' and find_claim(scope, ttl)
  if claim then
    return {'repeated', claim}
  end
  local refusal = refusal_of(logical, epoch, generation)
  if refusal then
    return refusal
  end
  if not is_live(replica, now()) then
    return 'not_live'
  end
  if call('ZCARD', open_entries) >= tonumber(most) then
    return 'journal_full'
  end
  check_task_uids()
  local before = open_conflicts(logical, others, whole, shards)
  local task = {type = ARGV[15], index = given(ARGV[16]), details = ARGV[17], metadata = given(ARGV[18]),
    replica = replica}
  local uid, enqueued_at = issue_task(task)
  call('HSET', key('entry', uid), 'uid', uid, 'nonce', nonce, 'replica', replica, 'logical', logical, 'physical',
    physical, 'epoch', epoch, 'generation', generation, 'whole', whole, 'shards', shards, 'others', others, 'targets',
    targets, 'operation', operation, 'body', body, 'state', '', 'open', '1', 'opened_at', text(enqueued_at))
  call('ZADD', entries, uid, uid)
  list_open(uid, logical, others)
  if operation ~= '' then
    call('ZADD', operations, uid, uid)
  end
  plan_parts(uid, targets)
  if scope ~= '' then
    keep_claim(scope, body_of_claim, uid, task, enqueued_at, operation ~= '', ttl, most_claims)
  end
  return {uid, text(enqueued_at), texts(before)}
end

-- logical, whole, shards, others, replica, nonce
function step.hold()
  local logical, whole, shards, others, replica, nonce = unpack(ARGV, 2, 7)
  local at = now()
  if not is_live(replica, at) then
    return false
  end
  local uid = text(first_hold + call('HINCRBY', counters, 'hold', 1) % first_hold)
  local before = open_conflicts(logical, others, whole, shards)
  call('HSET', key('entry', uid), 'uid', uid, 'nonce', nonce, 'replica', replica, 'logical', logical, 'physical', '',
    'epoch', '0', 'generation', '0', 'whole', whole, 'shards', shards, 'others', others, 'targets', '[]', 'operation',
    '', 'body', '', 'state', '', 'open', '1', 'opened_at', text(at))
  call('ZADD', entries, uid, uid)
  list_open(uid, logical, others)
  return {uid, texts(before)}
end

-- uid, by, logical, physical, epoch, generation, whole, shards, targets
function step.replan()
  local uid, by, logical, physical, epoch, generation, whole, shards, targets = unpack(ARGV, 2, 10)
  local refusal = refusal_of(logical, epoch, generation)
  if refusal then
    return refusal
  end
  local entry = call('HMGET', key('entry', uid), 'open', 'replica', 'others')
  if entry[1] ~= '1' or entry[2] ~= by then
    return 'taken_over'
  end
  unlist_open(uid)
  call('HSET', key('entry', uid), 'logical', logical, 'physical', physical, 'epoch', epoch, 'generation', generation,
    'whole', whole, 'shards', shards, 'targets', targets)
  list_open(uid, logical, entry[3])
  forget_parts(uid)
  plan_parts(uid, targets)
  return 'done'
end

function step.open_before()
  local uid = tonumber(ARGV[2])
  local entry = call('HMGET', key('entry', ARGV[2]), 'logical', 'others', 'whole', 'shards', 'opened_at')
  if not entry[1] then
    return {}
  end
  local before = {}
  for _, other in ipairs(open_conflicts(entry[1], entry[2], entry[3], entry[4])) do
    local earlier = other < uid
    if other >= first_hold then
      earlier = tonumber(get(key('entry', text(other)), 'opened_at')) < tonumber(entry[5])
    end
    if earlier then
      before[#before + 1] = other
    end
  end
  return texts(before)
end

function step.still_open()
  local open = {}
  for _, uid in ipairs(cjson.decode(ARGV[2])) do
    if call('ZSCORE', open_entries, text(uid)) then
      open[#open + 1] = text(uid)
    end
  end
  return open
end

function step.count_open()
  return call('ZCARD', open_entries)
end

-- An entry is kept while it is open or has an operation.
local function forget_if_ended(uid)
  local entry = call('HMGET', key('entry', uid), 'open', 'operation')
  if entry[1] == '0' and entry[2] == '' then
    call('DEL', key('entry', uid))
    call('ZREM', entries, uid)
  end
end

-- outcome: node, result, node_tasks, error, sought, newest (or nil)
local function record_outcome(uid, nonce, outcome)
  local name = key('part', uid, outcome.node)
  if call('EXISTS', name) == 0 then
    add_part(uid, outcome.node, '[]', outcome.result)
  end
  call('HSET', name, 'result', outcome.result, 'node_tasks', outcome.node_tasks, 'error', outcome.error)
  follow_or_not(uid, outcome.node)
  if outcome.result == 'unknown' and outcome.sought > 0 then
    call('SADD', looked_up, outcome.node .. ' ' .. uid)
    call('HSET', key('lookup', uid, outcome.node), 'nonce', nonce, 'node_tasks', text(outcome.sought))
    if outcome.newest then
      call('HSET', key('lookup', uid, outcome.node), 'newest_before', outcome.newest)
    end
  end
end

-- uid, by, outcomes, dirty marks, most ids of a copy, how its claim ends
function step.close()
  local uid = ARGV[2]
  local entry = call('HMGET', key('entry', uid), 'open', 'replica', 'nonce')
  if entry[1] ~= '1' or entry[2] ~= ARGV[3] then
    return 0
  end
  local outcomes, marks = cjson.decode(ARGV[4]), cjson.decode(ARGV[5])
  unlist_open(uid)
  call('HSET', key('entry', uid), 'open', '0')
  for _, outcome in ipairs(outcomes) do
    record_outcome(uid, entry[3], outcome)
  end
  add_marks(marks, tonumber(ARGV[6]))
  end_claim(uid, ARGV[7])
  forget_if_ended(uid)
  return 1
end

-- uid, by
function step.belongs_to()
  local entry = call('HMGET', key('entry', ARGV[2]), 'replica', 'open', 'operation')
  return entry[1] == ARGV[3] and (entry[2] == '1' or entry[3] ~= '') and 1 or 0
end

function step.frozen()
  local names = {}
  for i, uid in ipairs(call('SMEMBERS', frozen)) do
    names[i] = get(key('entry', uid), 'logical')
  end
  return names
end

-- uid, by, state, the state that freezes
function step.save_operation()
  local uid = ARGV[2]
  local entry = call('HMGET', key('entry', uid), 'replica', 'operation')
  if entry[1] ~= ARGV[3] or entry[2] == '' then
    return 0
  end
  call('HSET', key('entry', uid), 'state', ARGV[4])
  if ARGV[4] == ARGV[5] then
    call('SADD', frozen, uid)
    raise_view()
  else
    call('SREM', frozen, uid)
  end
  return 1
end

-- uid, by
function step.complete_operation()
  local uid = ARGV[2]
  if get(key('entry', uid), 'replica') ~= ARGV[3] then
    return 0
  end
  if call('SREM', frozen, uid) == 1 then
    raise_view()
  end
  call('HSET', key('entry', uid), 'operation', '', 'body', '', 'state', '')
  call('ZREM', operations, uid)
  forget_if_ended(uid)
  return 1
end

-- uid, logical
function step.operations_before()
  local before = {}
  for _, uid in ipairs(call('ZRANGEBYSCORE', operations, '-inf', '(' .. ARGV[2])) do
    local entry = call('HMGET', key('entry', uid), 'logical', 'others')
    for _, name in ipairs(names_of(entry[1], entry[2])) do
      if name == ARGV[3] then
        before[#before + 1] = uid
        break
      end
    end
  end
  return before
end

function step.unfinished()
  return fields_of_each('entry', call('ZRANGE', entries, 0, -1))
end

function step.abandoned()
  local uids = {}
  local at = now()
  for _, uid in ipairs(call('ZRANGE', entries, 0, -1)) do
    if not is_live(get(key('entry', uid), 'replica'), at) then
      uids[#uids + 1] = uid
    end
  end
  return fields_of_each('entry', uids)
end

-- uid, from, to
function step.take_over()
  local uid, from, to = ARGV[2], ARGV[3], ARGV[4]
  local replica = get(key('entry', uid), 'replica')
  if not replica or (replica ~= from and replica ~= to) or is_live(from, now()) then
    return {}
  end
  call('HSET', key('entry', uid), 'replica', to)
  if call('EXISTS', key('task', uid)) == 1 then
    call('HSET', key('task', uid), 'replica', to)
  end
  return call('HGETALL', key('entry', uid))
end
