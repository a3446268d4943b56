"""What a soak knows: the scenario that is served, which messages are on their way, what went wrong, and
how the server's memory goes."""
import collections
import json
import os
import re
import time
import zlib

DOMAINS = ("acme.example", "globex.example")
PASSWORD = "soak pass"
ERRORS_SHOWN = 20


def scenario(users):
    """Text of a scenario with so many accounts a domain that are read by IMAP, and as many by POP3."""
    def names(kind):
        return [{"name": f"{kind}{number}", "password": PASSWORD} for number in range(users)]
    return json.dumps({"title": "A world that is worked hard", "seed": 5,
                       "domains": {name: {"users": names("imap") + names("pop")} for name in DOMAINS}})


def addresses(kind, users):
    return [f"{kind}{number}@{domain}" for domain in DOMAINS for number in range(users)]


class Mail:
    """Every message has a token and the sum of its body, so that a reader sees what has come and whether it
    is whole. A message that was answered with 250 must come once; one that was cut off never."""

    def __init__(self):
        self.made = 0
        self.sent = set()       # given to the server, no answer so far
        self.accepted = {}      # token -> when 250 came
        self.arrived = collections.Counter()
        self.cut_off = set()
        self.slowest = 0.0      # seconds from 250 to the reader

    def make(self, sender, recipient, size):
        self.made += 1
        token = f"t{self.made}"
        line = (token + " ").encode() * (70 // (len(token) + 1)) + b"\r\n"
        body = b".dot\r\n" + line * (size // len(line) + 1)
        text = (f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: soak {token}\r\n"
                f"X-Sum: {zlib.crc32(body):08x}\r\n\r\n").encode() + body
        return token, text

    def take(self, text):
        """A reader has this message: gives what is wrong with it, or None."""
        head, _, body = text.partition(b"\r\n\r\n")
        found = re.search(rb"^Subject: soak (t\d+)\r$", head, re.M)
        total = re.search(rb"^X-Sum: ([0-9a-f]{8})\r?$", head, re.M)
        if not found or not total:
            return f"a message that nobody sent: {head[:300]!r}"
        token = found[1].decode()
        self.arrived[token] += 1
        if token in self.cut_off:
            return f"{token} was cut off and arrived"
        if self.arrived[token] > 1:
            return f"{token} arrived {self.arrived[token]} times"
        if int(total[1], 16) != zlib.crc32(body):
            return f"{token} arrived with another body"
        if token in self.accepted:
            self.slowest = max(self.slowest, time.monotonic() - self.accepted[token])
        return None

    def missing(self):
        return [token for token in self.accepted if not self.arrived[token]]


class World:
    def __init__(self, server, users, seconds):
        self.server = server
        self.users = users
        self.mail = Mail()
        self.errors = []
        self.counts = collections.Counter()   # what was done
        self.open = collections.Counter()     # connections by kind, now
        self.began = time.monotonic()
        self.ends = self.began + seconds      # no new work after it
        self.samples = []                     # (seconds, KiB resident, descriptors, connections, messages)

    def wrong(self, who, what):
        self.counts["wrong"] += 1
        if len(self.errors) < ERRORS_SHOWN:
            self.errors.append(f"{time.monotonic() - self.began:.0f} s, {who}: {what}")
            print(self.errors[-1], flush=True)

    def over(self):
        return time.monotonic() >= self.ends

    def resident(self):
        with open(f"/proc/{self.server.child.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.child.pid}/fd"))

    def sample(self):
        self.samples.append((time.monotonic() - self.began, self.resident(), self.descriptors(),
                             sum(self.open.values()), sum(self.mail.arrived.values())))
        return self.samples[-1]
