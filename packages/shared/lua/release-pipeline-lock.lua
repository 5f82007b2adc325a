-- Releases the lock of a pipeline if this attempt of this run still holds it.
-- KEYS[1]  lock
-- ARGV[1]  run, ARGV[2] epoch
-- Returns 1 when it was released, 0 when it was not ours.
if redis.call('GET', KEYS[1]) == ARGV[1] .. ':' .. ARGV[2] then
  return redis.call('DEL', KEYS[1])
end
return 0
