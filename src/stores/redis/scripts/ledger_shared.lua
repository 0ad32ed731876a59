-- Dirty copies as 'physical shard node'.
local dirty = key('dirty')

-- Revisions are unique in the whole ledger, so that a repair of a copy that was cleared and marked again since cannot
-- clear the new mark.
local function add_mark(mark, ids_max)
  local copy = mark.copy
  local name, ids = key('dirty', copy), key('dirty_ids', copy)
  local row = call('HMGET', name, 'all', 'reference', 'reference_since', 'newest')
  local all = row[1] == '1' or mark.all
  if not all then
    for _, id in ipairs(mark.ids) do
      call('SADD', ids, id)
    end
    all = call('SCARD', ids) > ids_max
  end
  if all then
    call('DEL', ids)
  end
  local reference, reference_since = row[2] or '', tonumber(row[3] or '0')
  if mark.reference ~= '' and mark.since >= reference_since then
    reference, reference_since = mark.reference, mark.since
  end
  call('SADD', dirty, copy)
  call('HSET', name, 'all', all and '1' or '0', 'reason', mark.reason, 'reference', reference, 'reference_since',
    text(reference_since), 'newest', text(math.max(tonumber(row[4] or '0'), mark.since)), 'revision',
    text(call('HINCRBY', counters, 'ledger_revision', 1)))
end

local function add_marks(marks, ids_max)
  for _, mark in ipairs(marks) do
    add_mark(mark, ids_max)
  end
  if #marks > 0 then
    raise_view()
  end
end
