-- Takes or renews the lock of a pipeline for one attempt of a run.
-- KEYS[1]  lock
-- ARGV[1]  run, ARGV[2] epoch, ARGV[3] time to live in ms
-- Returns 1 when the lock is ours: it was absent, ours already, or held by a lower (run, epoch), whose owner is over.
-- Returns 0 when a higher (run, epoch) holds it: a later attempt has begun, and whoever asks has lost.
-- The PostgreSQL claim decides who owns a run; this lock obeys it, and so is taken again when Redis has lost it.
local held = redis.call('GET', KEYS[1])
if held then
  local run, epoch = string.match(held, '^(%d+):(%d+)$')
  run, epoch = tonumber(run), tonumber(epoch)
  local ours, ourEpoch = tonumber(ARGV[1]), tonumber(ARGV[2])
  if run and (run > ours or (run == ours and epoch > ourEpoch)) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
return 1
