-- Claims of requests, by their scope; key('claims'): by their age.
local claims = key('claims')

local function forget_claim(scope)
  local claim = key('claim', scope)
  local uid = get(claim, 'uid')
  if uid then
    call('DEL', claim, key('claim_of', uid))
    call('ZREM', claims, scope)
  end
end

-- The claim while it counts; the time to live in microseconds.
local function find_claim(scope, ttl)
  local claim = key('claim', scope)
  local found = call('HMGET', claim, 'uid', 'accepted', 'made_at')
  if not found[1] or now() - found[3] >= ttl then
    return nil
  end
  if found[2] == '0' and not call('ZSCORE', key('journal', 'open'), found[1]) then
    return nil
  end
  return call('HGETALL', claim)
end

-- task: type, index, metadata
local function keep_claim(scope, body, uid, task, enqueued_at, accepted, ttl, most)
  local at = now()
  forget_claim(scope)
  for _, old in ipairs(call('ZRANGEBYSCORE', claims, '-inf', text(at - ttl), 'LIMIT', 0, 20)) do
    forget_claim(old)
  end
  if call('ZCARD', claims) >= most then
    for _, old in ipairs(call('ZRANGE', claims, 0, 19)) do
      if get(key('claim', old), 'accepted') == '1' then
        forget_claim(old)
      end
    end
  end
  call('ZADD', claims, text(at), scope)
  call('SET', key('claim_of', uid), scope)
  local claim = key('claim', scope)
  call('HSET', claim, 'uid', uid, 'body', body, 'type', task.type, 'enqueued_at', text(enqueued_at), 'accepted',
    accepted and '1' or '0', 'made_at', text(at))
  if task.index then
    call('HSET', claim, 'index', task.index)
  end
  if task.metadata then
    call('HSET', claim, 'metadata', task.metadata)
  end
end

-- how: as_it_is, accepted, withdrawn
local function end_claim(uid, how)
  local scope = call('GET', key('claim_of', uid))
  if scope and how == 'accepted' then
    call('HSET', key('claim', scope), 'accepted', '1')
  elseif scope and how == 'withdrawn' then
    forget_claim(scope)
  end
end
