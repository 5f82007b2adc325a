-- Takes one request of a rate that all processes share.
-- KEYS[1]  when the rate is used up to, in microseconds since 1970: requests of a burst are borrowed from what comes later
-- KEYS[2]  pause, which exists while nobody may go
-- ARGV[1]  microseconds between two requests, ARGV[2] requests that may go at once
-- Returns 0 when the request may go, otherwise after how many milliseconds (at least 1) it is worth asking again.
-- The clock is that of Redis, so that the clocks of the processes do not matter. Should it be set back, nobody waits longer than a whole burst
-- takes to come back.
local pausedMs = redis.call('PTTL', KEYS[2])
if pausedMs ~= -2 then
  return math.max(pausedMs, 1)
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local usedUntil = tonumber(redis.call('GET', KEYS[1]) or '0')
usedUntil = math.min(math.max(usedUntil, now), now + interval * burst)
local waitUs = usedUntil - (burst - 1) * interval - now
if waitUs > 0 then
  return math.max(math.ceil(waitUs / 1000), 1)
end
usedUntil = usedUntil + interval
redis.call('SET', KEYS[1], string.format('%.0f', usedUntil), 'PX', math.ceil((usedUntil - now) / 1000) + 1000)
return 0
