-- DirtyLedger.
-- marks, most ids of a copy
function step.mark()
  add_marks(cjson.decode(ARGV[2]), tonumber(ARGV[3]))
end

function step.copies()
  return call('SMEMBERS', dirty)
end

function step.find()
  return {call('HGETALL', key('dirty', ARGV[2])), call('SMEMBERS', key('dirty_ids', ARGV[2]))}
end

local function forget(copy)
  call('SREM', dirty, copy)
  call('DEL', key('dirty', copy), key('dirty_ids', copy))
end

-- copy, revision
function step.clear()
  local revision = get(key('dirty', ARGV[2]), 'revision')
  if revision and tonumber(revision) > tonumber(ARGV[3]) then
    return 0
  end
  forget(ARGV[2])
  raise_view()
  return 1
end

-- the physical uid
function step.forget()
  for _, copy in ipairs(call('SMEMBERS', dirty)) do
    if copy:sub(1, #ARGV[2] + 1) == ARGV[2] .. ' ' then
      forget(copy)
    end
  end
  raise_view()
end
