/**
 * The governor's state changes, each one atomic step in Redis. Time always comes as an argument: the
 * caller's clock may be simulated, and Redis' own must not matter.
 *
 * Keys of one developer account (all in one hash slot):
 *   cells      hash  "<cell>" → calls of that stretch of time as "lane|bucket=n,…"
 *   sums       hash  "lane|bucket" → calls inside the rolling day, plus "oldest" → oldest cell kept
 *   cooldowns  hash  scope → "until|strikes|probeUntil|reason"
 *   window:<app>  sorted set of the calls of the last 30 s; limit:<app> hash {limit, changedAt}
 *   waiting    hash  who → "until|lane|bucket|user|reason"
 */

/** Drops what has left the rolling day. A cell counts until its *end* is a day old: never too little. */
const ROLL = `
local function roll(cells, sums, now, cellMs, dayMs)
  local oldest = tonumber(redis.call('HGET', sums, 'oldest'))
  local keepFrom = math.floor((now - dayMs) / cellMs)
  if not oldest or oldest >= keepFrom then return end
  local stale = {}
  if keepFrom - oldest > 2000 then
    for _, cell in ipairs(redis.call('HKEYS', cells)) do
      if tonumber(cell) < keepFrom then stale[#stale + 1] = cell end
    end
  else
    for cell = oldest, keepFrom - 1 do stale[#stale + 1] = string.format('%d', cell) end
  end
  for _, cell in ipairs(stale) do
    local entry = redis.call('HGET', cells, cell)
    if entry then
      for key, count in string.gmatch(entry, '([^=,]+)=(%d+)') do
        redis.call('HINCRBY', sums, key, -tonumber(count))
      end
      redis.call('HDEL', cells, cell)
    end
  end
  redis.call('HSET', sums, 'oldest', keepFrom)
end

local function totals(sums)
  local total, history = 0, 0
  local all = redis.call('HGETALL', sums)
  for i = 1, #all, 2 do
    -- Token calls go to another service and another quota: they are told of, not counted.
    if all[i] ~= 'oldest' and not string.find(all[i], '|accounts', 1, true) then
      local count = tonumber(all[i + 1])
      total = total + count
      if string.sub(all[i], 1, 8) == 'history|' then history = history + count end
    end
  end
  return total, history
end

local function count(cells, sums, now, cellMs, key)
  local cell = string.format('%d', math.floor(now / cellMs))
  local entry = redis.call('HGET', cells, cell) or ''
  local found = false
  local parts = {}
  for name, n in string.gmatch(entry, '([^=,]+)=(%d+)') do
    if name == key then n = n + 1 found = true end
    parts[#parts + 1] = name .. '=' .. string.format('%d', n)
  end
  if not found then parts[#parts + 1] = key .. '=1' end
  redis.call('HSET', cells, cell, table.concat(parts, ','))
  redis.call('HINCRBY', sums, key, 1)
  if not redis.call('HGET', sums, 'oldest') then redis.call('HSET', sums, 'oldest', cell) end
end
`;

/**
 * KEYS cells sums cooldowns window limit
 * ARGV now cellMs dayMs windowMs lane|bucket member startLimit probeMs scopes(comma)
 *      ceiling(-1: none) floor(of history) planned(-1: the lane keeps no floor) growEveryMs shareOfWindow(-1: past it)
 * Answers {'0', scope that is probed or ''} or {until, reason}.
 */
export const ACQUIRE = `${ROLL}
local cells, sums, cooldowns, window, limitKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now, cellMs, dayMs, windowMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local key, member, startLimit, probeMs = ARGV[5], ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local ceiling, floorShare, planned = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])

local probing = nil
for scope in string.gmatch(ARGV[9], '[^,]+') do
  local entry = redis.call('HGET', cooldowns, scope)
  if entry then
    local untilMs, strikes, probeUntil, reason = string.match(entry, '^(%d+)|(%d+)|(%d+)|(.*)$')
    untilMs, probeUntil = tonumber(untilMs), tonumber(probeUntil)
    if now < untilMs then return { string.format('%d', untilMs), reason } end
    if now < probeUntil then return { string.format('%d', math.min(probeUntil, now + 2000)), 'probing after a cooldown' } end
    probing = { scope, untilMs, strikes, reason }
  end
end

roll(cells, sums, now, cellMs, dayMs)
if ceiling >= 0 then
  local total, history = totals(sums)
  local allowed = ceiling
  -- Capture other than history leaves history what it has not used of its floor.
  if planned >= 0 then allowed = math.floor(math.min(ceiling, planned - math.max(0, floorShare - history))) end
  if total >= allowed then
    local excess = total - allowed + 1
    local at = now + cellMs
    local first = tonumber(redis.call('HGET', sums, 'oldest')) or math.floor(now / cellMs)
    for cell = first, math.floor(now / cellMs) do
      local entry = redis.call('HGET', cells, string.format('%d', cell))
      if entry then
        for name, n in string.gmatch(entry, '([^=,]+)=(%d+)') do
          if not string.find(name, '|accounts', 1, true) then excess = excess - tonumber(n) end
        end
        if excess <= 0 then at = (cell + 1) * cellMs + dayMs break end
      end
    end
    return { string.format('%d', math.max(at, now + 1000)), 'allowance' }
  end
end

redis.call('ZREMRANGEBYSCORE', window, '-inf', now - windowMs)
local limit = tonumber(redis.call('HGET', limitKey, 'limit')) or startLimit
if limit < startLimit and now - (tonumber(redis.call('HGET', limitKey, 'changedAt')) or 0) >= tonumber(ARGV[13]) then
  limit = math.min(startLimit, limit + math.max(1, math.floor(limit / 10)))
  redis.call('HSET', limitKey, 'limit', limit, 'changedAt', string.format('%d', now))
end
local used = redis.call('ZCARD', window)
local share = tonumber(ARGV[14])
local places = math.max(1, math.floor(limit * share))
if share >= 0 and used >= places then
  local first = redis.call('ZRANGE', window, used - places, used - places, 'WITHSCORES')
  return { string.format('%d', math.max(tonumber(first[2]) + windowMs, now + 50)), 'window' }
end

count(cells, sums, now, cellMs, key)
redis.call('ZADD', window, now, member)
if probing then
  redis.call('HSET', cooldowns, probing[1], string.format('%d|%d|%d|%s', probing[2], probing[3], now + probeMs, probing[4]))
end
return { '0', probing and probing[1] or '' }
`;

/**
 * A call was refused with 429.
 * KEYS cooldowns window limit
 * ARGV now scope until(0: unknown) reason leastMs cutWindow leastLimit windowMs startLimit
 * Answers the moment until which the scope rests.
 */
export const REFUSED = `
local cooldowns, window, limitKey = KEYS[1], KEYS[2], KEYS[3]
local now, scope, untilMs, reason, leastMs = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local strikes = 0
local entry = redis.call('HGET', cooldowns, scope)
if entry then
  local known, n = string.match(entry, '^(%d+)|(%d+)|')
  strikes = tonumber(n)
  -- Calls that were already under way when the first was refused are no further strike.
  if now < tonumber(known) then
    if untilMs > tonumber(known) then
      redis.call('HSET', cooldowns, scope, string.format('%d|%d|0|%s', untilMs, strikes, reason))
      return string.format('%d', untilMs)
    end
    return string.format('%d', tonumber(known))
  end
end
strikes = strikes + 1
-- Without Retry-After: 5 s, 10 s, 20 s … up to an hour.
if untilMs == 0 then untilMs = now + math.min(3600000, leastMs * 2 ^ (strikes - 1)) end
redis.call('HSET', cooldowns, scope, string.format('%d|%d|0|%s', untilMs, strikes, reason))
if ARGV[6] == '1' then
  redis.call('ZREMRANGEBYSCORE', window, '-inf', now - tonumber(ARGV[8]))
  local limit = tonumber(redis.call('HGET', limitKey, 'limit')) or tonumber(ARGV[9])
  local seen = redis.call('ZCARD', window)
  local cut = math.max(tonumber(ARGV[7]), math.floor(math.min(limit, seen) / 2))
  redis.call('HSET', limitKey, 'limit', cut, 'changedAt', string.format('%d', now))
end
return string.format('%d', untilMs)
`;

/** KEYS cells sums  ARGV now cellMs dayMs. Brings the sums up to date for a reading. */
export const READ = `${ROLL}
roll(KEYS[1], KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
return { redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[1]) }
`;
