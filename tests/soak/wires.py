"""The least that a client needs of each protocol, for thousands of them at once (asyncio)."""
import asyncio
import base64
import contextlib
import re
import socket
import struct

PATIENCE = 120.0   # for one answer: the machine is busy with both ends
CONNECT = 60.0


class Wrong(Exception):
    """An answer that is not the one that had to come."""


class Wire:
    def __init__(self, world, kind, where, tls=None):
        self.world, self.kind, self.where, self.tls = world, kind, where, tls
        self.reader = self.writer = None

    async def __aenter__(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            sock.bind((self.world.source(), 0))
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(sock, self.where), CONNECT)
            secure = {"ssl": self.tls, "server_hostname": "127.0.0.1", "ssl_handshake_timeout": PATIENCE} if self.tls else {}
            self.reader, self.writer = await asyncio.open_connection(sock=sock, **secure)
        except BaseException:
            sock.close()
            raise
        self.world.open[self.kind] += 1
        return self

    async def __aexit__(self, *_):
        self.world.open[self.kind] -= 1
        self.writer.close()

    def reset(self):
        """RST instead of FIN."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def send(self, octets):
        self.writer.write(octets)
        await asyncio.wait_for(self.writer.drain(), PATIENCE)

    async def line(self, patience=PATIENCE):
        text = await asyncio.wait_for(self.reader.readline(), patience)
        if not text.endswith(b"\r\n"):
            raise Wrong(f"the server ended the connection behind {text!r}")
        return text[:-2]

    async def octets(self, count):
        return await asyncio.wait_for(self.reader.readexactly(count), PATIENCE)

    async def start_tls(self, context):
        await asyncio.wait_for(self.writer.start_tls(context, server_hostname="127.0.0.1"), PATIENCE)


class Smtp(Wire):
    async def reply(self, expected):
        lines = []
        while True:
            lines.append(await self.line())
            if lines[-1][3:4] != b"-":
                break
        if int(lines[-1][:3]) != expected:
            raise Wrong(f"{lines[-1]!r} where {expected} had to come")
        return lines

    async def say(self, line, expected):
        await self.send(line.encode() + b"\r\n")
        return await self.reply(expected)

    async def begin(self, login=None, context=None):
        await self.reply(220)
        await self.say("EHLO soak.example", 250)
        if context:
            await self.say("STARTTLS", 220)
            await self.start_tls(context)
            await self.say("EHLO soak.example", 250)
        if login:
            await self.say("AUTH PLAIN " + base64.b64encode(b"\0" + b"\0".join(text.encode() for text in login)).decode(), 235)

    async def content(self, sender, recipient):
        await self.say(f"MAIL FROM:<{sender}>", 250)
        await self.say(f"RCPT TO:<{recipient}>", 250)
        await self.say("DATA", 354)


class Imap(Wire):
    number = 0
    arrived = False   # EXISTS has come since the last look

    async def response(self, patience=PATIENCE):
        """One response: its text, and its last literal."""
        text, literal = b"", None
        while True:
            line = await self.line(patience)
            text += line
            mark = re.search(rb"\{(\d+)\}$", line)
            if not mark:
                self.arrived = self.arrived or text.endswith(b" EXISTS")
                return text, literal
            literal = await self.octets(int(mark[1]))

    async def command(self, text):
        """Sends a command and gives its untagged responses."""
        self.number += 1
        tag = f"a{self.number}".encode()
        await self.send(tag + b" " + text.encode() + b"\r\n")
        return await self.until(tag)

    async def news(self, text):
        """A command that looks at what has arrived so far."""
        self.arrived = False
        return await self.command(text)

    async def until(self, tag):
        found = []
        while True:
            text, literal = await self.response()
            if text.startswith(tag + b" "):
                if not text.startswith(tag + b" OK"):
                    raise Wrong(f"{text!r}")
                return found
            found.append((text, literal))

    async def begin(self, login, mailbox="INBOX", context=None):
        await self.response()
        if context:
            await self.command("STARTTLS")
            await self.start_tls(context)
        await self.command('LOGIN "{}" "{}"'.format(*login))
        if mailbox:
            await self.command(f"SELECT {mailbox}")

    async def idle(self, seconds, until_news=True):
        """Waits for so long, or until there is a message; False: none came."""
        if self.arrived and until_news:
            return True
        self.number += 1
        tag = f"a{self.number}".encode()
        await self.send(tag + b" IDLE\r\n")
        while not (await self.response())[0].startswith(b"+ "):
            pass
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(seconds):
                while not (self.arrived and until_news):
                    await self.response(None)
        await self.send(b"DONE\r\n")
        await self.until(tag)
        return self.arrived


class Pop3(Wire):
    async def ok(self):
        line = await self.line()
        if not line.startswith(b"+OK"):
            raise Wrong(f"{line!r}")
        return line

    async def command(self, text):
        await self.send(text.encode() + b"\r\n")
        return await self.ok()

    async def lines(self):
        found = []
        while (line := await self.line()) != b".":
            found.append(line[1:] if line.startswith(b".") else line)
        return found


class Sieve(Wire):
    async def ok(self):
        """Up to the OK; gives what stands before it."""
        found = []
        while True:
            line = await self.line()
            if re.match(rb"(OK|NO|BYE)\b", line):
                if not line.startswith(b"OK"):
                    raise Wrong(f"{line!r}")
                return found
            mark = re.match(rb"\{(\d+)\}$", line)
            found.append(await self.octets(int(mark[1])) if mark else line)

    async def command(self, text):
        await self.send(text.encode() + b"\r\n")
        return await self.ok()
