-- TaskRegistry. Of a finish: status, details, error, and optional: canceled by, started at, finished at.
local function finish_in(first)
  return {status = ARGV[first], details = ARGV[first + 1], error = ARGV[first + 2],
    canceled_by = given(ARGV[first + 3]), started_at = given(ARGV[first + 4]), finished_at = given(ARGV[first + 5])}
end

-- type, index, details, metadata, replica, whether finished, the finish
function step.add()
  check_task_uids()
  local uid, enqueued_at = issue_task({type = ARGV[2], index = given(ARGV[3]), details = ARGV[4],
    metadata = given(ARGV[5]), replica = ARGV[6]})
  if ARGV[7] == '1' then
    finish_task(uid, finish_in(8), enqueued_at)
  end
  return call('HGETALL', key('task', uid))
end

function step.find()
  return call('HGETALL', key('task', ARGV[2]))
end

-- Lua hands over no more arguments than some thousands.
local most_values = 1000

-- The members of the sorted sets `name`:value of all values, by their score.
local function union(name, values)
  local arguments = {#values}
  for _, value in ipairs(values) do
    arguments[#arguments + 1] = key('tasks', name, value)
  end
  arguments[#arguments + 1] = 'AGGREGATE'
  arguments[#arguments + 1] = 'MAX'
  return call('ZUNION', unpack(arguments))
end

local function set_of(values)
  local set = {}
  for _, value in ipairs(values) do
    set[tostring(value)] = true
  end
  return set
end

-- Uids of the tasks that one field of the filter lets through, ascending; the field is done with then.
local function candidates(filter)
  if #filter.uids > 0 then
    local uids = {}
    table.sort(filter.uids)
    for i, uid in ipairs(filter.uids) do
      if uid ~= filter.uids[i - 1] and call('ZSCORE', key('tasks'), text(uid)) then
        uids[#uids + 1] = text(uid)
      end
    end
    filter.uids = {}
    return uids
  end
  for _, field in ipairs({'index', 'status', 'type'}) do
    if #filter[field] > 0 and #filter[field] <= most_values then
      local uids = union(field, filter[field])
      filter[field] = {}
      return uids
    end
  end
  return call('ZRANGE', key('tasks'), 0, -1)
end

-- Strictly after and before, where bounds are given; a task that has no such time is none of them.
local function is_within(time, after, before)
  if not after and not before then
    return true
  end
  if not time then
    return false
  end
  return (not after or tonumber(time) > tonumber(after)) and (not before or tonumber(time) < tonumber(before))
end

local checked = {'index', 'status', 'type', 'canceled_by', 'enqueued_at', 'started_at', 'finished_at'}

local function passes(filter, sets, uid)
  if filter.below and tonumber(uid) >= filter.below then
    return false
  end
  local values = call('HMGET', key('task', uid), unpack(checked))
  for i = 1, 4 do
    local wanted = sets[checked[i]]
    if wanted and not wanted[values[i] or ''] then
      return false
    end
  end
  for i = 5, 7 do
    if not is_within(values[i], filter['after_' .. checked[i]], filter['before_' .. checked[i]]) then
      return false
    end
  end
  return true
end

-- All tasks that match; ascending.
local function matching(filter)
  local uids = candidates(filter)
  local sets = {}
  local any = filter.below ~= nil
  for i = 1, 4 do
    if #filter[checked[i]] > 0 then
      sets[checked[i]] = set_of(filter[checked[i]])
      any = true
    end
  end
  for i = 5, 7 do
    any = any or filter['after_' .. checked[i]] or filter['before_' .. checked[i]]
  end
  if not any then
    return uids
  end
  local found = {}
  for _, uid in ipairs(uids) do
    if passes(filter, sets, uid) then
      found[#found + 1] = uid
    end
  end
  return found
end

function step.matching()
  return matching(cjson.decode(ARGV[2]))
end

-- The sorted set of exactly the tasks that match; nil when the filter takes more than one.
local function matching_set(filter)
  local name = key('tasks')
  local restricted = false
  for field, value in pairs(filter) do
    local empty = type(value) == 'table' and #value == 0
    if not empty then
      local single = type(value) == 'table' and #value == 1 and (field == 'index' or field == 'status' or field == 'type')
      if restricted or not single then
        return nil
      end
      restricted = true
      name = key('tasks', field, value[1])
    end
  end
  return name
end

-- filter, limit, from, whether ascending. The total, and as many tasks as the limit and one.
function step.page()
  local set = matching_set(cjson.decode(ARGV[2]))
  if set then
    local from = given(ARGV[4])
    local rows = text(tonumber(ARGV[3]) + 1)
    local page
    if ARGV[5] == '1' then
      page = call('ZRANGEBYSCORE', set, from or '-inf', '+inf', 'LIMIT', 0, rows)
    else
      page = call('ZREVRANGEBYSCORE', set, from or '+inf', '-inf', 'LIMIT', 0, rows)
    end
    return {call('ZCARD', set), fields_of_each('task', page)}
  end
  local uids = matching(cjson.decode(ARGV[2]))
  local left = tonumber(ARGV[3]) + 1
  local from = given(ARGV[4])
  local ascending = ARGV[5] == '1'
  local first, last, by = #uids, 1, -1
  if ascending then
    first, last, by = 1, #uids, 1
  end
  local page = {}
  for i = first, last, by do
    local uid = tonumber(uids[i])
    local begun = not from or (ascending and uid >= tonumber(from)) or (not ascending and uid <= tonumber(from))
    if begun and left > 0 then
      page[#page + 1] = uids[i]
      left = left - 1
    end
    if left == 0 then
      break
    end
  end
  return {#uids, fields_of_each('task', page)}
end

function step.index_uids()
  return call('SMEMBERS', key('tasks', 'indexes'))
end

function step.parts()
  local parts = {}
  for i, node in ipairs(call('SMEMBERS', key('parts', ARGV[2]))) do
    parts[i] = call('HGETALL', key('part', ARGV[2], node))
  end
  return parts
end

-- A member of the sets of parts: 'node uid'.
local function split(member)
  return member:match('^(.*) (%d+)$')
end

function step.unfinished_parts()
  local parts = {}
  for i, member in ipairs(call('SMEMBERS', followed)) do
    local node, uid = split(member)
    parts[i] = call('HGETALL', key('part', uid, node))
  end
  return parts
end

function step.unfinished()
  local tasks = {}
  local at = now()
  for i, uid in ipairs(call('ZRANGE', unfinished_tasks, 0, -1)) do
    local replica = get(key('task', uid), 'replica')
    tasks[i] = {is_live(replica, at) and 0 or 1, call('HGETALL', key('task', uid))}
  end
  return tasks
end

-- cancelation, uids
function step.request_cancel()
  for _, uid in ipairs(cjson.decode(ARGV[3])) do
    local task = key('task', text(uid))
    if call('ZSCORE', unfinished_tasks, text(uid)) and not get(task, 'cancel_by') then
      call('HSET', task, 'cancel_by', ARGV[2])
    end
  end
end

function step.refuse_cancel()
  call('HDEL', key('task', ARGV[2]), 'cancel_by')
end

-- A part as the poller saw it: texts by name, and no status, started_at or finished_at where there is none.
local function update_part(part)
  local name = key('part', part.uid, part.node)
  if call('EXISTS', name) == 0 then
    return
  end
  if finished_status[get(name, 'status') or ''] and not finished_status[part.status or ''] then
    return
  end
  call('HDEL', name, 'status', 'started_at', 'finished_at')
  for field, value in pairs(part) do
    call('HSET', name, field, value)
  end
  follow_or_not(part.uid, part.node)
end

function step.update_parts()
  for _, part in ipairs(cjson.decode(ARGV[2])) do
    update_part(part)
  end
end

function step.end_lookups()
  for _, part in ipairs(cjson.decode(ARGV[2])) do
    update_part(part)
    forget_lookup(part.uid, part.node)
  end
end

-- Each with whether its task has ended, that task's replica and whether it is not alive.
function step.lookups()
  local lookups = {}
  local at = now()
  for _, member in ipairs(call('SMEMBERS', looked_up)) do
    local node, uid = split(member)
    local task = call('HMGET', key('task', uid), 'finished_at', 'replica')
    if task[2] then
      lookups[#lookups + 1] = {uid, node, task[1] and 1 or 0, task[2], is_live(task[2], at) and 0 or 1,
        call('HGETALL', key('lookup', uid, node))}
    end
  end
  return lookups
end

-- uid, time
function step.start()
  if get(key('task', ARGV[2]), 'status') == 'enqueued' then
    set_status(ARGV[2], 'enqueued', 'processing')
    call('HSET', key('task', ARGV[2]), 'started_at', ARGV[3])
  end
end

-- uid, the finish
function step.finish()
  return finish_task(ARGV[2], finish_in(3), now()) and 1 or 0
end

local function remove(uid)
  local task = call('HMGET', key('task', uid), 'type', 'status', 'index', 'finished_at')
  if not task[4] then
    return 0
  end
  call('ZREM', key('tasks'), uid)
  call('ZREM', key('tasks', 'type', task[1]), uid)
  call('ZREM', key('tasks', 'status', task[2]), uid)
  call('ZREM', key('tasks', 'finished'), finished_member(uid))
  if task[3] then
    remove_from_index(uid, task[3])
  end
  forget_parts(uid)
  call('DEL', key('task', uid))
  return 1
end

function step.remove_finished()
  local removed = 0
  for _, uid in ipairs(cjson.decode(ARGV[2])) do
    removed = removed + remove(text(uid))
  end
  return removed
end

-- from, to, below
function step.rename_index()
  rename_index(ARGV[2], ARGV[3], ARGV[4])
end

-- before, how many may stay, how many to remove at most: a long step would hold up everybody
function step.prune()
  local finished = key('tasks', 'finished')
  local most = tonumber(ARGV[4])
  local members = call('ZRANGEBYSCORE', finished, '-inf', '(' .. ARGV[2], 'LIMIT', 0, most)
  if #members == 0 then
    members = call('ZREVRANGE', finished, ARGV[3], text(tonumber(ARGV[3]) + most - 1))
  end
  for _, member in ipairs(members) do
    remove(text(tonumber(member)))
  end
  return #members
end
