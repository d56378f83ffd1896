//! Lua scripts, each over one key. Numbers stay texts: Lua's own lose digits above 2^53.

/// Adds a session to an index, which is scored by their ends. It keeps what a session's row keeps it for, and its own end
/// follows the last one's. Scores only rise, because a replacement that fails must not shorten an entry.
pub(super) const INDEX: &str = "
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3])
redis.call('ZADD', KEYS[1], 'GT', ARGV[1], ARGV[2])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
local ends = tonumber(last[2])
if ends < 9007199254740992 then
    redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', ends))
else
    redis.call('PERSIST', KEYS[1])
end";

/// Inserts a row. Fields and values follow the time when Redis deletes it.
pub(super) const BEGIN: &str = "
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1";

/// Replaces a row of a version. Fields and values follow the time when Redis deletes it, and the version.
pub(super) const REPLACE: &str = "
local version = redis.call('HGET', KEYS[1], 'version')
if not version then return 0 end
if version ~= ARGV[2] then return 1 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 2";

/// Deletes a row if it is what was looked for, and returns its user and its session at the provider. All names that are looked
/// for are given with each row: it may have got another of them since an index was read. After the generation and the
/// number of provider sessions follow these, then the users.
pub(super) const DELETE: &str = "
local row = redis.call('HMGET', KEYS[1], 'owner', 'elsewhere', 'generation')
if not row[1] then return {0, '', ''} end
local why, generation, sessions = ARGV[1], ARGV[2], tonumber(ARGV[3])
local function is_among(name, first, last)
    for at = first, last do
        if ARGV[at] == name then return true end
    end
    return false
end
local is_owned = is_among(row[1], 4 + sessions, #ARGV)
local is_sought = why == 'one'
if why == 'elsewhere' then
    is_sought = row[2] == '' and is_owned or is_among(row[2], 4, 3 + sessions)
elseif why == 'owner' then
    is_sought = is_owned and (#row[3] < #generation or (#row[3] == #generation and row[3] < generation))
end
if not is_sought then return {0, '', ''} end
redis.call('DEL', KEYS[1])
return {1, row[1], row[2]}";

/// Raises a generation to the least one, or by one where it is not below that and `more` says so.
pub(super) const RAISE: &str = "
local old = redis.call('GET', KEYS[1]) or '0'
local least, more = ARGV[1], ARGV[2]
if #old < #least or (#old == #least and old < least) then
    redis.call('SET', KEYS[1], least)
elseif more == 'more' then
    redis.call('INCR', KEYS[1])
end
return redis.call('GET', KEYS[1])";

/// Swaps a number for another, where it is the old one: an empty text if there is none. The time follows when Redis deletes it.
pub(super) const SWAP: &str = "
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return 1";
