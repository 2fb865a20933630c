"""Asks every edge for every tenant's objects and compares entity tags with the first answer: the script that teams write."""
import asyncio, ssl, sys
import aiohttp

ca, tenants, paths, ports = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), [int(port) for port in sys.argv[4:]]
context = ssl.create_default_context(cafile=ca)
context.check_hostname = False
tags, stale = {}, []


async def edge(port):
    work = ((tenant, nth) for tenant in range(tenants) for nth in range(paths))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64, ssl=context)) as session:

        async def worker():
            for tenant, nth in work:
                headers = {"Host": f"t{tenant}.bench.example", "Accept-Encoding": "identity"}
                async with session.head(f"https://127.0.0.1:{port}/assets/{nth}.js", headers=headers) as answer:
                    tag = answer.headers.get("ETag")
                    if tags.setdefault((tenant, nth), tag) != tag or answer.status != 200:
                        stale.append((port, tenant, nth))

        await asyncio.gather(*(worker() for _ in range(64)))


async def main():
    await asyncio.gather(*(edge(port) for port in ports))


asyncio.run(main())
sys.exit(1 if stale else 0)
