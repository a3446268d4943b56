"""What was answered with 250 survives kill -9: it is in a mailbox, or in the queue and delivered after
the restart. UIDs, UIDVALIDITY and the CA are the same afterwards."""
import collections
import pathlib
import random
import re
import shutil
import signal
import smtplib
import tempfile
import threading
import time
import unittest

import harness
import samples

ALICE, CAROL, BOB, DAVE = "alice@acme.example", "carol@acme.example", "bob@globex.example", "dave@globex.example"
ROUNDS = 5
SENDERS = 6
PAUSE_SECONDS = 0.03  # of a sender, so that the queue can follow


class Durability:
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.server = harness.Server("--data", self.folder / "data", *self.mode)
        self.addCleanup(self.server.close)

    def snapshot(self):
        """(account, UIDVALIDITY) -> UID -> octets"""
        found = {}
        for address in (ALICE, CAROL, BOB, DAVE):
            with self.server.imap(address, "INBOX", readonly=True) as client:
                validity = client.response("UIDVALIDITY")[1][0]
            found[address, validity] = self.server.messages(address)
        return found

    def check_kept(self, before, after):
        self.assertEqual(before.keys(), after.keys(), "UIDVALIDITY")
        for key, messages in before.items():
            for uid, octets in messages.items():
                self.assertEqual(after[key].get(uid), octets, (key, uid))

    def test_kill(self):
        draw = random.Random(2026)
        accepted = collections.Counter()  # (recipient, token)
        sent = set()
        with open(self.server.ca, "rb") as file:
            ca = file.read()
        before = self.snapshot()
        for number in range(ROUNDS):
            stop = threading.Event()
            threads = [threading.Thread(target=self.send_many, args=(f"r{number}s{i}", i, stop, accepted, sent), daemon=True)
                       for i in range(SENDERS)]
            for thread in threads:
                thread.start()
            time.sleep(draw.uniform(*self.kill_after))
            self.server.child.send_signal(signal.SIGKILL)
            self.server.child.wait()
            stop.set()
            for thread in threads:
                thread.join(20)
                self.assertFalse(thread.is_alive(), "a sender hangs")
            self.server.start()
            with open(self.server.ca, "rb") as file:
                self.assertEqual(file.read(), ca, "the CA changed")
            after = self.snapshot()
            self.check_kept(before, after)
            before = after
        self.assertGreater(len(accepted), ROUNDS * SENDERS, "too little was sent for a test")

        def missing():
            have = {(key[0], token.decode()) for key, messages in self.snapshot().items() for octets in messages.values()
                    for token in re.findall(rb"^Message-ID: <(r\d+s\d+-\d+)@", octets, re.M)}
            self.missing = set(accepted) - have
            return not self.missing

        try:
            harness.wait_for(missing, 30, "all accepted mail in mailboxes")
        except AssertionError as error:
            raise AssertionError(f"{error}: {len(self.missing)} of {len(accepted)} are missing: {sorted(self.missing)[:10]}") from None
        final = self.snapshot()
        self.check_kept(before, final)
        for (address, _), messages in final.items():
            for octets in messages.values():
                message_id = samples.parse(octets)["Message-ID"]
                self.assertIn((address, message_id[1:].split("@")[0]), sent, "mail that nobody sent")
                self.assertTrue(octets.endswith(b"\r\nlast line\r\n"), "a message without its end")
        print(f"{len(accepted)} accepted, {len(sent)} begun, {sum(map(len, final.values()))} stored", flush=True)
        self.assertEqual(self.server.stop(), 0)

    def send_many(self, name, sender, stop, accepted, sent):
        """One message after another until the server is gone. Counts those that were answered with 250."""
        local, relayed = (CAROL, BOB) if sender % 2 else (ALICE, DAVE)
        number = 0
        try:
            with smtplib.SMTP_SSL("127.0.0.1", self.server.port(ALICE, "submissions"), context=self.server.context(), timeout=15) as client:
                client.login(ALICE, self.server.password(ALICE))
                while not stop.is_set():
                    number += 1
                    token = f"{name}-{number}"
                    # Mostly local: a relayed message takes its time over the simulated internet.
                    recipients = {3: [relayed], 7: [local, relayed]}.get(number % 8, [local])
                    sent.update((recipient, token) for recipient in recipients)
                    client.sendmail(ALICE, recipients, samples.header(token, ALICE, recipients[0]) + "\r\n" + "text\r\n" * number + "last line\r\n")
                    accepted.update((recipient, token) for recipient in recipients)
                    stop.wait(PAUSE_SECONDS)
        except (OSError, smtplib.SMTPException):
            pass  # the server was killed: what this one was told before counts

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            token = f"signal-{number}"
            client = smtplib.SMTP_SSL("127.0.0.1", self.server.port(ALICE, "submissions"), context=self.server.context(), timeout=15)
            client.login(ALICE, self.server.password(ALICE))
            client.sendmail(ALICE, [CAROL, BOB], samples.header(token, ALICE, CAROL) + "\r\nx\r\n")
            self.assertEqual(self.server.stop(number), 0)
            client.close()
            self.server.start()
            for address in (CAROL, BOB):
                self.server.wait_mail(address, f"<{token}@")
                self.assertEqual(sum(f"<{token}@".encode() in octets for octets in self.server.messages(address).values()), 1)

    def test_changes_are_kept(self):
        with self.server.imap(ALICE) as client:
            client.create("Folder")
            client.subscribe("Folder")
            for i in range(3):
                client.append("Folder", r"(\Flagged $Label)" if i else None, '"17-Jul-2026 02:44:25 -0700"', f"Subject: {i}\r\n\r\nx\r\n".encode())
            client.select("Folder")
            client.store("1", "+FLAGS", r"(\Deleted)")
            client.expunge()
        self.server.child.send_signal(signal.SIGKILL)
        self.server.child.wait()
        self.server.start()
        with self.server.imap(ALICE, "Folder") as client:
            self.assertEqual(client.response("UIDNEXT")[1], [b"4"])
            lines = client.fetch("1:*", "(UID FLAGS INTERNALDATE)")[1]
            self.assertEqual(len(lines), 2)
            self.assertIn(b"UID 2", lines[0])
            self.assertIn(b"$Label", lines[0])
            self.assertIn(b"17-Jul-2026", lines[0])
            self.assertTrue(any(b"Folder" in line for line in client.lsub()[1]))


class DurabilityGateway(Durability, unittest.TestCase):
    mode = []
    kill_after = (0.8, 1.8)  # seconds: a login takes a while over the simulated link


class DurabilityDirect(Durability, unittest.TestCase):
    mode = ["--direct"]
    kill_after = (0.2, 0.9)


if __name__ == "__main__":
    harness.main()
