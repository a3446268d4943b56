"""Who takes part in a soak. An actor is a coroutine that lives for one connection (or for one visit); when it
ends it is begun again for as long as the soak lasts."""
import asyncio
import base64
import random
import struct
import time

from wires import Imap, Pop3, Sieve, Smtp, Wire, Wrong
from world import DOMAINS, PASSWORD, addresses

SIZES = (300, 2_000, 20_000, 80_000)   # octets of a body
SHARES = (50, 30, 15, 5)               # how often each
QUIET = 100.0          # seconds that an SMTP client says nothing: servers wait for five minutes
POP_RATE = 10        # visits a second of all who read by POP3
VISIT = 600.0                          # seconds after which a long session is left and begun anew
SCRIPT = b'require "fileinto";\r\nif header :is "X-Spam" "yes" { fileinto "Junk"; }\r\nkeep;\r\n'


class Cast:
    def __init__(self, world, rate, context):
        self.world, self.context = world, context
        self.draw = random.Random(9)
        self.gap = 60.0            # seconds between two messages of one sender; set by begin()
        self.rate = rate           # messages a second of all senders
        self.imap_users = addresses("imap", world.users)
        self.pop_users = addresses("pop", world.users)

    def at(self, address, service):
        return self.world.server.endpoint(address.split("@")[1], service)

    def anybody(self):
        return self.draw.choice(self.draw.choice((self.imap_users, self.pop_users)))

    def size(self):
        return self.draw.choices(SIZES, SHARES)[0]

    async def pause(self, seconds):
        """Some time around `seconds`, or until the soak is over."""
        await asyncio.sleep(max(0.0, min(seconds * self.draw.uniform(0.5, 1.5), self.world.ends - time.monotonic())))

    def stays(self, since):
        return not self.world.over() and time.monotonic() < since + VISIT

    async def linger(self, wire):
        """Between two messages: with a word now and then, or the server would end the connection."""
        end = time.monotonic() + self.gap * self.draw.uniform(0.5, 1.5)
        while not self.world.over() and (left := end - time.monotonic()) > 0:
            await self.pause(min(left, QUIET))
            await wire.say("NOOP", 250)

    async def send(self, wire, sender, recipient):
        token, text = self.world.mail.make(sender, recipient, self.size())
        await wire.content(sender, recipient)
        await wire.send(text.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        await wire.reply(250)
        self.world.mail.accepted[token] = time.monotonic()
        self.world.counts["sent"] += 1

    # ---- Those who behave ----

    async def relay(self, _):
        """Another host: keeps its connection and sends now and then."""
        recipient, since = self.anybody(), time.monotonic()
        async with Smtp(self.world, "smtp", self.at(recipient, "smtp")) as wire:
            await wire.begin(context=self.context if self.draw.random() < 0.1 else None)
            while self.stays(since):
                await self.linger(wire)
                if self.world.over():
                    break
                await self.send(wire, "someone@client.example", recipient)
            await wire.say("QUIT", 221)

    async def user(self, _):
        """A person who sends, to the other domain as well: through the queue."""
        sender, since = self.draw.choice(self.imap_users), time.monotonic()
        implicit = self.draw.random() < 0.5
        where = self.at(sender, "submissions" if implicit else "submission")
        async with Smtp(self.world, "submission", where, self.context if implicit else None) as wire:
            await wire.begin((sender, PASSWORD), None if implicit else self.context)
            while self.stays(since):
                await self.linger(wire)
                if self.world.over():
                    break
                await self.send(wire, sender, self.anybody())

    async def collector(self, number):
        """The one who takes the mail of an account away."""
        address = self.imap_users[number % len(self.imap_users)]
        since = time.monotonic()
        async with Imap(self.world, "imaps", self.at(address, "imaps"), self.context) as wire:
            await wire.begin((address, PASSWORD))
            while True:
                uids = []
                for text, literal in await wire.news("UID FETCH 1:* (BODY.PEEK[])"):
                    if literal is not None:
                        self.take(address, literal)
                        uids.append(text.split(b"UID ")[1].split()[0].rstrip(b")").decode())
                if uids:
                    await wire.command(f"UID STORE {','.join(uids)} +FLAGS.SILENT (\\Deleted)")
                    await wire.command(f"UID EXPUNGE {','.join(uids)}")
                    self.world.counts["deleted"] += len(uids)
                if time.monotonic() > since + VISIT and not self.world.over():
                    break
                await wire.idle(60.0)

    def take(self, who, text):
        problem = self.world.mail.take(text)
        if problem:
            self.world.wrong(who, problem)

    async def idler(self, _):
        """A mail program that waits for news with IDLE; after them it looks at flags."""
        address, since = self.draw.choice(self.imap_users), time.monotonic()
        secure = self.draw.random() < 0.2
        where = self.at(address, "imaps" if secure else "imap")
        async with Imap(self.world, "idle", where, self.context if secure else None) as wire:
            await wire.begin((address, PASSWORD), context=None if secure else self.context)
            while self.stays(since):
                # Some look at what has come, most just go on waiting: many share an account here.
                if await wire.idle(self.draw.uniform(60.0, 300.0), until_news=self.draw.random() < 0.1):
                    await wire.news("UID FETCH * (FLAGS)")
                self.world.counts["idled"] += 1
            await wire.command("LOGOUT")

    async def poller(self, _):
        """A mail program without IDLE."""
        address, since = self.draw.choice(self.imap_users), time.monotonic()
        async with Imap(self.world, "poll", self.at(address, "imaps"), self.context) as wire:
            await wire.begin((address, PASSWORD))
            if self.draw.random() < 0.1:
                await wire.command('LIST "" *')
            while self.stays(since):
                for command in ("NOOP", "STATUS INBOX (MESSAGES UNSEEN)", "UID FETCH 1:* (FLAGS RFC822.SIZE)",
                                'SEARCH UNDELETED SUBJECT "soak"'):
                    await wire.command(command)
                self.world.counts["polled"] += 1
                await self.pause(30.0)

    async def pop(self, number):
        """Comes, takes everything away, leaves, comes again."""
        address = self.pop_users[number % len(self.pop_users)]
        async with Pop3(self.world, "pop3s", self.at(address, "pop3s"), self.context) as wire:
            await wire.ok()
            await wire.command(f"USER {address}")
            await wire.command(f"PASS {PASSWORD}")
            count = int((await wire.command("STAT")).split()[1])
            for message in range(1, count + 1):
                await wire.command(f"RETR {message}")
                self.take(address, b"\r\n".join(await wire.lines()) + b"\r\n")
                await wire.command(f"DELE {message}")
            await wire.command("QUIT")
            self.world.counts["popped"] += count
        await asyncio.sleep(self.draw.uniform(0.5, 1.5) * max(5.0, len(self.pop_users) / POP_RATE))

    async def sieve(self, _):
        address, since = self.draw.choice(self.imap_users), time.monotonic()
        name = f"s{self.draw.randrange(5)}"
        async with Sieve(self.world, "sieve", self.at(address, "sieve")) as wire:
            await wire.ok()
            await wire.send(b"STARTTLS\r\n")
            await wire.ok()
            await wire.start_tls(self.context)
            await wire.ok()
            await wire.command('AUTHENTICATE "PLAIN" "' + base64.b64encode(f"\0{address}\0{PASSWORD}".encode()).decode() + '"')
            while self.stays(since):
                await wire.send(f'PUTSCRIPT "{name}" {{{len(SCRIPT)}+}}\r\n'.encode() + SCRIPT + b"\r\n")
                await wire.ok()
                if SCRIPT not in await wire.command(f'GETSCRIPT "{name}"'):
                    raise Wrong("another script came back")
                await wire.command("LISTSCRIPTS")
                self.world.counts["scripts"] += 1
                await self.pause(60.0)
            await wire.command("LOGOUT")

    async def dns(self, number):
        """Asks for an exchanger, by UDP or TCP."""
        dns = self.world.server.settings["dns"]
        domain = DOMAINS[number % len(DOMAINS)]
        name = b"".join(bytes([len(label)]) + label.encode() for label in domain.split(".")) + b"\0"
        query = struct.pack(">6H", number & 0xffff, 0x0100, 1, 0, 0, 0) + name + struct.pack(">2H", 15, 1)
        if number % 4:
            loop, answer = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

            class Protocol(asyncio.DatagramProtocol):
                def datagram_received(self, data, _):
                    if not answer.done():
                        answer.set_result(data)

            transport, _ = await loop.create_datagram_endpoint(Protocol, remote_addr=(dns["host"], dns["port"]))
            try:
                transport.sendto(query)
                response = await asyncio.wait_for(answer, 10.0)
            except asyncio.TimeoutError:
                self.world.counts["datagrams lost"] += 1   # as they may be
                await self.pause(2.0)
                return
            finally:
                transport.close()
        else:
            async with Wire(self.world, "dns", (dns["host"], dns["port"])) as wire:
                await wire.send(struct.pack(">H", len(query)) + query)
                response = await wire.octets(struct.unpack(">H", await wire.octets(2))[0])
        if response[:2] != query[:2] or response[3] & 15 or not response[7]:
            raise Wrong(f"DNS answered {response!r}")
        self.world.counts["asked"] += 1
        await self.pause(2.0)

    # ---- Those who do not ----

    def anywhere(self):
        service = self.draw.choice(("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "sieve"))
        return service, self.world.server.endpoint(self.draw.choice(DOMAINS), service)

    async def ended(self, wire, seconds):
        """Reads whatever comes until the server ends the connection."""
        try:
            while await asyncio.wait_for(wire.reader.read(65_536), seconds):
                pass
            return True
        except asyncio.TimeoutError:
            return False

    async def silent(self, _):
        async with Wire(self.world, "silent", self.anywhere()[1]) as wire:
            if await self.ended(wire, min(VISIT, max(1.0, self.world.ends - time.monotonic()))):
                self.world.counts["silent, sent away"] += 1

    async def loris(self, _):
        """Sends an octet now and then."""
        service, where = self.anywhere()
        octets = b"\x16\x03\x01\x02\x00\x01" if service.endswith("s") else b"EHLO a-name-that-takes-its-time.example or so"
        async with Wire(self.world, "loris", where) as wire:
            for number in range(10_000):
                if self.world.over() or wire.reader.at_eof() or wire.writer.is_closing():
                    break
                at = number % len(octets)
                wire.writer.write(octets[at:at + 1])
                if await self.ended(wire, self.draw.uniform(2.0, 10.0)):
                    self.world.counts["loris, sent away"] += 1
                    break

    async def breaker(self, _):
        """Leaves in the middle of a message, without a word or with a reset."""
        recipient = self.anybody()
        token, text = self.world.mail.make("someone@client.example", recipient, self.size())
        self.world.mail.cut_off.add(token)
        async with Smtp(self.world, "breaker", self.at(recipient, "smtp")) as wire:
            await wire.begin()
            await wire.content("someone@client.example", recipient)
            await wire.send(text[:self.draw.randrange(len(text))])
            await self.pause(5.0)
            if self.draw.random() < 0.5:
                wire.reset()
        self.world.counts["broken off"] += 1

    async def deaf(self, _):
        """Asks for much and reads nothing."""
        address = self.draw.choice(self.imap_users)
        async with Imap(self.world, "deaf", self.at(address, "imaps"), self.context) as wire:
            await wire.begin((address, PASSWORD))
            wire.writer.transport.pause_reading()
            for _ in range(200):
                wire.writer.write(b"x FETCH 1:* BODY.PEEK[]\r\ny LIST \"\" *\r\n")
            await self.pause(60.0)
            wire.reset()
