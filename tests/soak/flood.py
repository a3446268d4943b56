#!/usr/bin/env python3
"""Thousands of clients that each leave a megabyte in the server: most of them in messages by SMTP, a tenth in
literals by IMAP with TLS. All of it together is many times what the server may hold (--memory). It must neither end nor
grow beyond that; who is turned away must hear so (421, BYE) or be reset; and behind the flood all is well.

    tests/soak/flood.py [--connections 10000] [--memory 256]"""
import argparse
import asyncio
import collections
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import harness  # noqa: E402
from soak import open_files  # noqa: E402
from wires import Imap, Smtp, Wrong  # noqa: E402
from world import PASSWORD, World, scenario  # noqa: E402

OCTETS = 1_000_000
PIECE = (b"x" * 998 + b"\r\n") * 20
OPENING = 50              # connections that are being opened at a time
# What is resident besides the memory of connections: the program, caches of the store, and what the allocator
# keeps. Measured, with a margin.
BESIDES_KIB, SHARE = 120_000, 1.35
HOLD = 5.0                # seconds that everybody stays when all is sent
DOMAIN = "acme.example"


class Flood(World):
    def __init__(self, server, options):
        super().__init__(server, users=20, seconds=3600)
        self.options = options
        self.outcomes = collections.Counter()
        self.refusals = collections.Counter()
        self.gate = asyncio.Semaphore(OPENING)
        self.leave = asyncio.Event()
        self.next_source = 0
        self.context = server.context()

    def source(self):
        self.next_source += 1
        return f"127.0.2.{1 + self.next_source % 50}"

    async def pour(self, wire):
        """All but the end of a message. Stops when the server says something: it can only be a refusal."""
        said = asyncio.create_task(wire.reader.readline())
        for _ in range(OCTETS // len(PIECE)):
            if said.done() or wire.writer.is_closing():
                break
            wire.writer.write(PIECE)
            await wire.writer.drain()
            await asyncio.sleep(0)
        leaving = asyncio.create_task(self.leave.wait())
        await asyncio.wait((said, leaving), return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if not said.done():
            said.cancel()
            return "held"
        return self.refused(said.result())

    def refused(self, line):
        self.refusals[line.decode(errors="replace").strip()] += 1
        return "refused" if line.startswith((b"421 4.3.1 ", b"* BYE [UNAVAILABLE] ")) else "reset" if not line else "wrong"

    async def smtp(self, number):
        async with Smtp(self, "smtp", self.server.endpoint(DOMAIN, "smtp")) as wire:
            greeting = await wire.line()
            if not greeting.startswith(b"220 "):
                return self.refused(greeting)
            recipient = f"imap{number % self.users}@{DOMAIN}"
            async with self.gate:
                for line in ("EHLO x", "MAIL FROM:<a@client.example>", f"RCPT TO:<{recipient}>"):
                    await wire.say(line, 250)
                await wire.say("DATA", 354)
            return await self.pour(wire)

    async def imap(self, number):
        async with Imap(self, "imap", self.server.endpoint(DOMAIN, "imaps"), self.context) as wire:
            greeting = await wire.line()
            if not greeting.startswith(b"* OK "):
                return self.refused(greeting)
            async with self.gate:
                await wire.command(f'LOGIN imap{number % self.users}@{DOMAIN} "{PASSWORD}"')
                await wire.send(f"b APPEND INBOX {{{OCTETS + 10}+}}\r\n".encode())
            return await self.pour(wire)

    async def one(self, number):
        try:
            outcome = await (self.smtp if number % 10 else self.imap)(number)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, OSError):
            outcome = "reset"
        except Wrong as problem:
            # In the middle of a dialogue too: the refusal is the last line.
            text = str(problem)
            outcome = "refused" if "421 4.3.1" in text or "BYE [UNAVAILABLE]" in text else "reset" if "ended" in text else "wrong"
            self.refusals[text] += outcome == "wrong"
        self.outcomes[outcome] += 1

    async def run(self):
        watch = asyncio.create_task(self.watch())
        tasks = []
        for number in range(self.options.connections):
            tasks.append(asyncio.create_task(self.one(number)))
            await asyncio.sleep(1.0 / self.options.speed)
        # Whoever is still there holds all that it wanted to.
        held = -1
        while held != (held := sum(not task.done() for task in tasks)):
            await asyncio.sleep(HOLD)
        print(f"{held} hold what they have, {dict(self.outcomes)}", flush=True)
        self.leave.set()
        await asyncio.gather(*tasks)
        watch.cancel()

    async def watch(self):
        while self.server.alive():
            print("{:5.0f} s {:8d} KiB {:6d} descriptors {:6d} connections".format(*self.sample()[:4]), flush=True)
            await asyncio.sleep(2.0)

    def judge(self):
        found = []
        most = max(sample[1] for sample in self.samples)
        bound = int(self.options.memory * 1024 * SHARE + BESIDES_KIB)
        print(f"{dict(self.outcomes)}, at most {most} KiB resident (bound {bound})")
        if not self.server.alive():
            return [f"the server ended: {self.server.log}"]
        if most > bound:
            found.append(f"{most} KiB resident, more than {bound}")
        if self.outcomes["wrong"]:
            found.append(f"strange refusals: {self.refusals.most_common(5)}")
        wanted = self.options.connections * OCTETS
        if wanted > 2 * self.options.memory << 20 and not self.outcomes["refused"]:
            found.append("nobody was turned away with words")
        if self.outcomes["held"] < 1:
            found.append("nobody could send anything")
        return found


def after(server):
    """Business as usual: a message goes in and comes out."""
    address = f"imap0@{DOMAIN}"
    end = time.monotonic() + 30

    def send():
        done = harness.run(["curl", "-sS", "--mail-from", "a@client.example", "--mail-rcpt", address, "-T", "-",
                            "smtp://%s:%d/client.example" % server.endpoint(DOMAIN, "smtp")], data=b"Subject: behind the flood\r\n\r\nhi\r\n")
        return done.returncode == 0 or time.monotonic() > end
    harness.wait_for(send, 40, "a message that is accepted")
    server.wait_mail(address, "behind the flood")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--memory", type=int, default=256, help="MiB")
    parser.add_argument("--speed", type=float, default=500.0, help="connections begun a second")
    options = parser.parse_args()
    options.connections = open_files(options.connections)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-flood-"))
    try:
        (folder / "world.json").write_text(scenario(20))
        server = harness.Server("--direct", "--data", folder / "data", "--memory", options.memory, scenario=folder / "world.json")
        try:
            flood = Flood(server, options)
            asyncio.run(flood.run())
            found = flood.judge()
            if not found:
                after(server)
                print(f"{flood.resident()} KiB resident afterwards")
            if server.alive() and server.stop() != 0:
                found.append(f"the server did not stop in order: {server.log}")
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for problem in found:
        print("WRONG:", problem)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
