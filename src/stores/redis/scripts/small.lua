-- The store itself, TopologyStore, SettingsVersions, LeaseElector, NodeMemory, SecretStore and PeerRegistry.

-- The schema version of this program, a fresh incarnation. The version that the store has.
function step.begin()
  call('HSETNX', key('facts'), 'schema', ARGV[2])
  call('HSETNX', key('facts'), 'incarnation', ARGV[3])
  return get(key('facts'), 'schema')
end

function step.incarnation()
  return get(key('facts'), 'incarnation')
end

function step.view_version()
  return get(counters, 'view') or '0'
end

function step.load_topology()
  return call('HMGET', key('topology'), 'epoch', 'body')
end

-- expected epoch, body
function step.replace_topology()
  if current_epoch() ~= ARGV[2] then
    return false
  end
  local epoch = text(tonumber(ARGV[2]) + 1)
  call('HSET', key('topology'), 'epoch', epoch, 'body', ARGV[3])
  raise_view()
  return epoch
end

-- Applied settings: 'physical node' -> version.
function step.applied_settings()
  return call('HGETALL', key('applied_settings'))
end

-- physical, node, version of each
function step.record_settings()
  for i = 2, #ARGV, 3 do
    local field = ARGV[i] .. ' ' .. ARGV[i + 1]
    local before = get(key('applied_settings'), field)
    if not before or tonumber(before) < tonumber(ARGV[i + 2]) then
      call('HSET', key('applied_settings'), field, ARGV[i + 2])
    end
  end
  raise_view()
end

-- physical, node
function step.forget_settings()
  call('HDEL', key('applied_settings'), ARGV[2] .. ' ' .. ARGV[3])
  raise_view()
end

-- physical
function step.forget_settings_of_index()
  for _, field in ipairs(call('HKEYS', key('applied_settings'))) do
    if field:sub(1, #ARGV[2] + 1) == ARGV[2] .. ' ' then
      call('HDEL', key('applied_settings'), field)
    end
  end
  raise_view()
end

-- name, holder, time to live
function step.acquire_lease()
  local lease = key('lease', ARGV[2])
  local at = now()
  local held = call('HMGET', lease, 'holder', 'expires_at')
  if held[1] and held[1] ~= ARGV[3] and tonumber(held[2]) > at then
    return false
  end
  local token = call('HINCRBY', lease, 'token', 1)
  call('HSET', lease, 'holder', ARGV[3], 'expires_at', text(at + ARGV[4]))
  return text(token)
end

-- Whether name, holder and token are those of the lease as it is held now.
local function is_held(at)
  local lease = call('HMGET', key('lease', ARGV[2]), 'holder', 'token', 'expires_at')
  return lease[1] == ARGV[3] and lease[2] == ARGV[4] and tonumber(lease[3]) > at
end

-- name, holder, token, time to live
function step.renew_lease()
  local at = now()
  if not is_held(at) then
    return 0
  end
  call('HSET', key('lease', ARGV[2]), 'expires_at', text(at + ARGV[5]))
  return 1
end

-- name, holder, token
function step.verify_lease()
  return is_held(now()) and 1 or 0
end

function step.release_lease()
  if is_held(-1) then
    call('HSET', key('lease', ARGV[2]), 'expires_at', '0')
  end
end

function step.node_memory()
  return call('HGETALL', key('node_memory'))
end

-- node, newest task
function step.saw_task()
  local before = get(key('node_memory'), ARGV[2])
  if not before or tonumber(before) < tonumber(ARGV[3]) then
    call('HSET', key('node_memory'), ARGV[2], ARGV[3])
  end
end

function step.reset_node()
  call('HSET', key('node_memory'), ARGV[2], ARGV[3])
end

function step.find_secret()
  return get(key('secrets'), ARGV[2])
end

-- name, a fresh secret
function step.keep_secret()
  call('HSETNX', key('secrets'), ARGV[2], ARGV[3])
  return get(key('secrets'), ARGV[2])
end

-- replica, version, view, time to live, how long those that are gone are remembered
function step.beat()
  local at = now()
  call('ZADD', key('peers'), text(at + ARGV[5]), ARGV[2])
  call('HSET', key('peer', ARGV[2]), 'version', ARGV[3], 'view', ARGV[4])
  for _, replica in ipairs(call('ZRANGEBYSCORE', key('peers'), '-inf', text(at - ARGV[6]))) do
    call('ZREM', key('peers'), replica)
    call('DEL', key('peer', replica))
  end
end

-- Each: replica, version, view.
function step.live_peers()
  local peers = {}
  for i, replica in ipairs(call('ZRANGEBYSCORE', key('peers'), '(' .. text(now()), '+inf')) do
    local peer = call('HMGET', key('peer', replica), 'version', 'view')
    peers[i] = {replica, peer[1], peer[2]}
  end
  return peers
end

function step.leave()
  call('ZREM', key('peers'), ARGV[2])
  call('DEL', key('peer', ARGV[2]))
end
