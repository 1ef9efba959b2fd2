"""Python's aiohttp: a session, and as many tasks as there may be calls at once."""

import asyncio
import ssl
import sys
import time

import aiohttp

base_url, prefix, count, concurrency, ca_file = sys.argv[1:]


async def delete(session, number):
    async with session.delete(f"{base_url}/v2/photo_avatar/{prefix}{number}") as response:
        return response.status == 200 and (await response.json())["code"] == 100


async def take_turns(session, numbers):
    return sum([await delete(session, number) for number in numbers])


async def main():
    tls = ssl.create_default_context(cafile=ca_file or None)
    connector = aiohttp.TCPConnector(limit=int(concurrency), ssl=tls)
    async with aiohttp.ClientSession(connector=connector, headers={"x-api-key": "bench-key"}) as session:
        deleted = await delete(session, 0)
        cpu, start = time.process_time(), time.monotonic()
        numbers = iter(range(1, int(count) + 1))
        turns = [take_turns(session, numbers) for _ in range(int(concurrency))]
        deleted += sum(await asyncio.gather(*turns))
        print(deleted, time.process_time() - cpu, time.monotonic() - start)


asyncio.run(main())
