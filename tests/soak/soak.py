#!/usr/bin/env python3
"""Many connections for a long time: `mailscope serve --direct --data` under senders, readers, idle ones, slow
ones and broken ones. It fails when an answer is wrong, an accepted message does not come (or comes twice, or
changed), when the server's memory or descriptors go on growing, or when it does not stop in order.

    tests/soak/soak.py [--seconds 3600] [--connections 10000]

Prints a line a while: seconds, KiB resident, descriptors, connections, messages that have arrived."""
import argparse
import asyncio
import pathlib
import resource
import shutil
import ssl
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import harness  # noqa: E402
from actors import Cast  # noqa: E402
from wires import Wrong  # noqa: E402
from world import World, scenario  # noqa: E402

RESERVED = 300            # descriptors for everything but the connections
SOURCES = 50              # addresses 127.0.1.x that clients come from: the server limits those of one
CONNECTING = 40           # connections that are being opened at a time
WARM_UP = 0.4             # of the time, before what is resident counts
GROWTH_SHARE, GROWTH_KIB = 0.08, 16_384   # what may be added afterwards
DRAIN = 180.0             # seconds that the last messages have
# Of the connections; the rest are idlers.
PARTS = {"relay": 0.22, "user": 0.05, "poller": 0.08, "sieve": 0.03, "silent": 0.08, "loris": 0.10,
         "breaker": 0.02, "deaf": 0.005}


class Soak(World):
    def __init__(self, server, options):
        super().__init__(server, options.users, options.seconds)
        self.options = options
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.load_verify_locations(server.ca)
        self.cast = Cast(self, options.rate, self.context)
        self.next_source = 0
        self.gate = asyncio.Semaphore(CONNECTING)

    def source(self):
        self.next_source += 1
        return f"127.0.1.{1 + self.next_source % SOURCES}"

    async def keep(self, name, number):
        """Begins an actor again and again."""
        tolerated = name in ("silent", "loris", "deaf")
        while not self.over() or name in ("collector", "pop"):
            try:
                await getattr(self.cast, name)(number)
            except asyncio.CancelledError:
                return
            except (ConnectionError, asyncio.IncompleteReadError, Wrong, TimeoutError, OSError) as problem:
                if not tolerated and not self.closing:
                    self.wrong(f"{name} {number}", f"{type(problem).__name__}: {problem}")
                await asyncio.sleep(1.0)
            number += 1 if name == "dns" else 0

    closing = False

    async def run(self):
        wanted = {name: max(1, int(self.options.connections * part)) for name, part in PARTS.items()}
        wanted |= {"collector": len(self.cast.imap_users), "pop": len(self.cast.pop_users), "dns": 20}
        wanted["idler"] = max(1, self.options.connections - sum(wanted.values()) + wanted["pop"] + wanted["dns"])
        self.cast.gap = max(1.0, (wanted["relay"] + wanted["user"]) / self.options.rate)
        tasks = []
        watch = asyncio.create_task(self.watch())
        for number in range(max(wanted.values())):
            for name, count in wanted.items():
                if number < count:
                    tasks.append(asyncio.create_task(self.keep(name, number)))
                    await asyncio.sleep(1.0 / self.options.speed)
        print(f"{len(tasks)} actors after {time.monotonic() - self.began:.0f} s", flush=True)
        await asyncio.sleep(max(0.0, self.ends - time.monotonic()))
        print(self.told(), flush=True)
        end = time.monotonic() + DRAIN
        await asyncio.sleep(2.0)
        while self.mail.missing() and time.monotonic() < end:
            await asyncio.sleep(1.0)
        self.closing = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        watch.cancel()

    async def watch(self):
        while True:
            if not self.server.alive():
                self.wrong("server", f"ended: {self.server.log}")
                self.ends = time.monotonic()
                return
            print("{:7.0f} s {:8d} KiB {:6d} descriptors {:6d} connections {:7d} arrived".format(*self.sample()), flush=True)
            await asyncio.sleep(max(2.0, self.options.seconds / 120))

    def told(self):
        return ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))

    def judge(self):
        """What is wrong with the whole."""
        found = list(self.errors)
        missing = self.mail.missing()
        if missing:
            found.append(f"{len(missing)} accepted messages did not come: {missing[:10]}")
        if self.counts["sent"] < self.options.seconds:
            found.append(f"only {self.counts['sent']} messages were sent: too little for a test")
        before = [s for s in self.samples if s[0] < self.options.seconds * WARM_UP]
        after = [s for s in self.samples if self.options.seconds * WARM_UP <= s[0] <= self.options.seconds]
        if not before or not after or max(s[3] for s in after) < 0.9 * self.options.connections:
            found.append(f"at most {max(s[3] for s in self.samples)} connections were open")
        else:
            # What is resident moves with what is on its way: the middle of the late ones counts.
            early = max(s[1] for s in before[-3:] + after[:3])
            late = sorted(s[1] for s in after)[len(after) // 2 + len(after) // 4]
            print(f"resident {early} KiB after the warm-up, {late} KiB later")
            if late > early * (1 + GROWTH_SHARE) + GROWTH_KIB:
                found.append(f"the memory grows: {early} KiB resident after the warm-up, {late} KiB later")
        return found


def open_files(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(wanted, hard - RESERVED)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--users", type=int, help="accounts a domain for each of IMAP and POP3; fifty connections each unless given")
    parser.add_argument("--rate", type=float, default=15.0, help="messages a second")
    parser.add_argument("--speed", type=float, default=250.0, help="connections begun a second")
    options = parser.parse_args()
    options.users = options.users or max(5, options.connections // 100)
    possible = open_files(options.connections)
    if possible < options.connections:
        print(f"{possible} connections instead of {options.connections}: no more descriptors (ulimit -n)")
        options.connections = possible
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-soak-"))
    try:
        (folder / "world.json").write_text(scenario(options.users))
        server = harness.Server("--direct", "--data", folder / "data", scenario=folder / "world.json")
        try:
            soak = Soak(server, options)
            asyncio.run(soak.run())
            found = soak.judge()
            if server.alive() and server.stop() != 0:
                found.append(f"the server did not stop in order: {server.log}")
            octets = sum(file.stat().st_size for file in (folder / "data").iterdir())
            print(f"{soak.told()}; slowest message {soak.mail.slowest:.1f} s; data {octets >> 20} MiB")
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for problem in found:
        print("WRONG:", problem)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
