"""A client that keeps the mark of RFC 7162 section 6 and loses its connection again and again knows the mailbox
as it is each time it is back, whatever others did meanwhile: new messages, flags, and what is gone."""
import random
import re
import unittest

import harness

ALICE = "alice@acme.example"
ROUNDS = 60
FLAGS = (r"\Seen", r"\Flagged", "one", "two")


class Device:
    """What a program keeps on disk between two connections, and the connection."""

    def __init__(self):
        self.flags = {}  # UID -> flags
        self.mark = 1
        self.validity = None
        self.fetched = 0  # all UIDs up to this one are known

    def connect(self, client):
        self.client = client
        client.enable("QRESYNC")
        known = f" (QRESYNC ({self.validity} {self.mark}))" if self.validity else ""
        client.xatom("SELECT", "INBOX" + known)
        client.state = "SELECTED"
        self.validity = int(client.response("UIDVALIDITY")[1][-1])
        mark = int(client.response("HIGHESTMODSEQ")[1][-1])
        self.note()
        self.fill()
        self.mark = mark

    def note(self):
        """Takes what the server has told; gives the mark that follows from it."""
        top = self.mark
        for line in self.client.response("FETCH")[1]:
            if line is None:
                continue
            text = line.decode()
            uid = int(re.search(r"UID (\d+)", text)[1])
            if found := re.search(r"FLAGS \(([^)]*)\)", text):
                self.flags[uid] = set(found[1].split()) - {r"\Recent"}
            if found := re.search(r"MODSEQ \((\d+)\)", text):
                top = max(top, int(found[1]))
        for line in self.client.response("VANISHED")[1]:
            for first, last in re.findall(r"(\d+)(?::(\d+))?", (line or b"").decode()):
                for uid in [uid for uid in self.flags if int(first) <= uid <= int(last or first)]:
                    del self.flags[uid]
        told = self.client.response("HIGHESTMODSEQ")[1][-1]
        return int(told) if told else top

    def fill(self):
        self.client.response("EXISTS")
        self.client.xatom("UID", f"FETCH {self.fetched + 1}:* (FLAGS)")
        self.mark = self.note()
        self.fetched = max([self.fetched, *self.flags])

    def do(self, name, arguments):
        self.client.xatom(name, arguments) if arguments else self.client.noop()
        self.mark = self.note()
        if self.client.response("EXISTS")[1][-1]:
            self.fill()


class Qresync(unittest.TestCase):
    def test_reconnections(self):
        with harness.Server("--direct") as server, server.imap(ALICE, "INBOX") as other:
            device, chance = Device(), random.Random(7)
            for _ in range(20):
                other.append("INBOX", None, None, b"Subject: x\r\n\r\nx\r\n")
            for number in range(ROUNDS):
                with server.imap(ALICE) as client:
                    device.connect(client)
                    other.noop()
                    lines = other.uid("FETCH", "1:*", "(FLAGS)")[1]
                    there = {int(re.search(rb"UID (\d+)", line)[1]):
                             set(re.search(rb"FLAGS \(([^)]*)\)", line)[1].decode().split()) - {r"\Recent"} for line in lines}
                    self.assertEqual(device.flags, there, f"round {number}")
                    for _ in range(chance.randint(2, 6)):
                        self.act(device, other, chance)
                    # What comes in answer to LOGOUT is not noted: the connection might be gone as well.

    def act(self, device, other, chance):
        uid, number = chance.choice([1, *device.flags]), chance.randint(1, max(1, len(device.flags)))
        change = f"{chance.choice('+-')}FLAGS ({chance.choice(FLAGS)})"
        chance.choice((
            lambda: other.uid("STORE", str(uid), change),
            lambda: (other.uid("STORE", str(uid), r"+FLAGS (\Deleted)"), other.expunge()),
            lambda: other.append("INBOX", None, None, b"Subject: x\r\n\r\nx\r\n"),
            lambda: device.do("STORE", f"{number} {change}"),
            lambda: device.do("STORE", f"{number} {change}"),
            lambda: device.do("FETCH", "1:* (UID FLAGS)"),
            lambda: device.do("NOOP", None),
        ))()


if __name__ == "__main__":
    harness.main()
