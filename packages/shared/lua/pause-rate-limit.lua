-- Lets nobody through for a while, as an application asks that has been asked too often.
-- KEYS[1]  pause
-- ARGV[1]  its length in ms
-- A longer pause that is there stays. Returns how long nobody goes now, in ms.
local heldMs = redis.call('PTTL', KEYS[1])
local wantedMs = tonumber(ARGV[1])
if heldMs >= wantedMs then
  return heldMs
end
redis.call('SET', KEYS[1], '1', 'PX', wantedMs)
return wantedMs
