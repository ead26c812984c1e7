"""The counting for several hosts, in Redis: one script, so that taking all or nothing is one step."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import ConfigError, CounterUnavailable

if TYPE_CHECKING:
    from gateway.rate_limits.counter import Take

ANSWER_SECONDS: Final = 2.0
_PREFIX: Final = "cps:limits:"
_TAKE: Final = """
local stamp = redis.call('TIME')
local now = tonumber(stamp[1]) + tonumber(stamp[2]) / 1000000
local seconds, most, spare = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - seconds)
local fresh = 0
for i = 4, #ARGV do
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then fresh = fresh + 1 end
end
if redis.call('ZCARD', KEYS[1]) + fresh + spare > most then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or now
  return math.max(1, math.ceil(tonumber(oldest) + seconds - now))
end
for i = 4, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[i]) end
redis.call('EXPIRE', KEYS[1], math.ceil(seconds))
return 0
"""


class RedisCounter:
    """Counts in a database of Redis's (`redis://HOST:PORT/DB`); raises `ConfigError` where the client is missing."""

    def __init__(self, url: str) -> None:
        try:
            from redis import asyncio as client
            from redis.exceptions import RedisError
        except ImportError as error:
            raise ConfigError("limits in Redis need `pip install child-protection-gateway[redis]`") from error
        self._failures: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)
        try:
            self._client: Any = client.Redis.from_url(url, decode_responses=True)
        except ValueError as error:
            raise ConfigError(f"`{url.split('@')[-1]}` is no counter: redis://HOST:PORT/DB") from error
        self._script: Any = self._client.register_script(_TAKE)

    async def take(self, take: Take) -> int:
        """As `Counter.take`."""
        given = [take.seconds, take.most, take.spare, *dict.fromkeys(take.things)]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return int(await self._script(keys=[_PREFIX + take.key], args=given))
        except self._failures as error:
            raise CounterUnavailable(f"the limits can't be counted: {type(error).__name__}") from error

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()
