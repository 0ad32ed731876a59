-- KeyStore.
local all_keys = key('api_keys')

local function changed()
  call('HINCRBY', counters, 'keys', 1)
  raise_view()
end

-- uid, name, description, actions, indexes, expiry and how it is shown
local function insert(uid, name, description, actions, indexes, expires_at, expires_text)
  local at = text(now())
  local stored = key('api_key', uid)
  local number = text(call('HINCRBY', counters, 'key', 1))
  call('HSET', stored, 'uid', uid, 'number', number, 'actions', actions, 'indexes', indexes, 'created_at', at,
    'updated_at', at)
  for field, value in pairs({name = given(name), description = given(description), expires_at = given(expires_at),
      expires_text = given(expires_text)}) do
    call('HSET', stored, field, value)
  end
  call('ZADD', all_keys, number, uid)
end

function step.version()
  return get(counters, 'keys') or '0'
end

function step.list()
  return fields_of_each('api_key', call('ZRANGE', all_keys, 0, -1))
end

-- most keys, and the key
function step.create()
  local uid = ARGV[3]
  if call('EXISTS', key('api_key', uid)) == 1 then
    return 'uid_taken'
  end
  if call('ZCARD', all_keys) >= tonumber(ARGV[2]) then
    return 'full'
  end
  insert(unpack(ARGV, 3, 9))
  changed()
  return call('HGETALL', key('api_key', uid))
end

-- uid, whether to change the name, the name, whether to change the description, the description
function step.update()
  local stored = key('api_key', ARGV[2])
  if call('EXISTS', stored) == 0 then
    return {}
  end
  for i, field in ipairs({'name', 'description'}) do
    local value = given(ARGV[2 * i + 2])
    if ARGV[2 * i + 1] == '1' and value then
      call('HSET', stored, field, value)
    elseif ARGV[2 * i + 1] == '1' then
      call('HDEL', stored, field)
    end
  end
  call('HSET', stored, 'updated_at', text(now()))
  changed()
  return call('HGETALL', stored)
end

function step.remove()
  if call('DEL', key('api_key', ARGV[2])) == 0 then
    return 0
  end
  call('ZREM', all_keys, ARGV[2])
  changed()
  return 1
end

-- keys, seven arguments each
function step.seed()
  if call('ZCARD', all_keys) > 0 then
    return
  end
  for first = 2, #ARGV, 7 do
    insert(unpack(ARGV, first, first + 6))
  end
  changed()
end
