-- Tasks by what they are filtered by: key('tasks'), and of each status, type and index.
local unfinished_tasks = key('tasks', 'unfinished')

local function set_status(uid, old, new)
  if old then
    call('ZREM', key('tasks', 'status', old), uid)
  end
  call('ZADD', key('tasks', 'status', new), uid, uid)
  call('HSET', key('task', uid), 'status', new)
end

local function add_to_index(uid, index)
  call('ZADD', key('tasks', 'index', index), uid, uid)
  call('SADD', key('tasks', 'indexes'), index)
end

local function remove_from_index(uid, index)
  call('ZREM', key('tasks', 'index', index), uid)
  if call('EXISTS', key('tasks', 'index', index)) == 0 then
    call('SREM', key('tasks', 'indexes'), index)
  end
end

-- Fails when all uids are used.
local function check_task_uids()
  if tonumber(get(counters, 'task_uid') or '0') > 2147483647 then
    error('all task uids are used')
  end
end

-- task: type, index (or nil), details, metadata (or nil), replica. Its uid and when it was enqueued.
local function issue_task(task)
  local uid = text(call('HINCRBY', counters, 'task_uid', 1) - 1)
  local enqueued_at = math.max(now(), tonumber(get(counters, 'enqueued_at') or '0'))
  call('HSET', counters, 'enqueued_at', text(enqueued_at))
  call('HSET', key('task', uid), 'uid', uid, 'type', task.type, 'details', task.details, 'error', '', 'enqueued_at',
    text(enqueued_at), 'replica', task.replica)
  if task.index then
    call('HSET', key('task', uid), 'index', task.index)
    add_to_index(uid, task.index)
  end
  if task.metadata then
    call('HSET', key('task', uid), 'metadata', task.metadata)
  end
  call('ZADD', key('tasks'), uid, uid)
  call('ZADD', unfinished_tasks, uid, uid)
  call('ZADD', key('tasks', 'type', task.type), uid, uid)
  set_status(uid, nil, 'enqueued')
  return uid, enqueued_at
end

-- Parts whose node tasks the poller follows, as 'node uid'.
local followed = key('parts', 'followed')
local looked_up = key('lookups')

local finished_status = {succeeded = true, failed = true, canceled = true}

local function is_followed(uid, node)
  local part = call('HMGET', key('part', uid, node), 'result', 'status')
  return part[1] == 'acked' and not finished_status[part[2] or ''] and call('ZSCORE', unfinished_tasks, uid)
end

local function follow_or_not(uid, node)
  call(is_followed(uid, node) and 'SADD' or 'SREM', followed, node .. ' ' .. uid)
end

local function forget_lookup(uid, node)
  call('SREM', looked_up, node .. ' ' .. uid)
  call('DEL', key('lookup', uid, node))
end

local function forget_parts(uid)
  for _, node in ipairs(call('SMEMBERS', key('parts', uid))) do
    call('SREM', followed, node .. ' ' .. uid)
    forget_lookup(uid, node)
    call('DEL', key('part', uid, node))
  end
  call('DEL', key('parts', uid))
end

local function add_part(uid, node, shards, result)
  call('SADD', key('parts', uid), node)
  call('HSET', key('part', uid, node), 'uid', uid, 'node', node, 'shards', shards, 'result', result, 'node_tasks',
    '[]', 'details', '', 'error', '', 'found', '0')
end

-- Equal times by the uid.
local function finished_member(uid)
  return string.format('%010d', tonumber(uid))
end

-- finish: status, details ('': as they were), error, and perhaps canceled_by, started_at, finished_at. False when there
-- is no such task or it has ended.
local function finish_task(uid, finish, at)
  local task = key('task', uid)
  local before = call('HMGET', task, 'status', 'finished_at')
  if not before[1] or before[2] then
    return false
  end
  local finished_at = finish.finished_at or text(at)
  set_status(uid, before[1], finish.status)
  call('HSET', task, 'error', finish.error, 'finished_at', finished_at)
  if finish.details ~= '' then
    call('HSET', task, 'details', finish.details)
  end
  if finish.canceled_by then
    call('HSET', task, 'canceled_by', finish.canceled_by)
  else
    call('HDEL', task, 'canceled_by')
  end
  if finish.started_at then
    call('HSET', task, 'started_at', finish.started_at)
  end
  call('ZREM', unfinished_tasks, uid)
  call('ZADD', key('tasks', 'finished'), finished_at, finished_member(uid))
  for _, node in ipairs(call('SMEMBERS', key('parts', uid))) do
    call('SREM', followed, node .. ' ' .. uid)
  end
  return true
end

-- The uid of a task's index among those below `below`.
local function rename_index(from, to, below)
  local uids = call('ZRANGEBYSCORE', key('tasks', 'index', from), '-inf', '(' .. below)
  for _, uid in ipairs(uids) do
    remove_from_index(uid, from)
    call('HSET', key('task', uid), 'index', to)
    add_to_index(uid, to)
  end
end
