"""Thunderbird on a display that nobody looks at: four accounts set up by autoconfig, one for each way in
(IMAP and POP3, TLS and STARTTLS), which write to each other in the composition window and read."""
import base64
import os
import pathlib
import smtplib
import time
import unittest

import harness
import samples
import thunderbird

harness.needs("thunderbird", "Xvfb", "certutil")

ALICE, CAROL, BOB, DAVE = "alice@acme.example", "carol@acme.example", "bob@globex.example", "dave@globex.example"
STARTTLS, TLS = 2, 3  # Thunderbird's nsMsgSocketType
# address: name, protocol, security
ACCOUNTS = {
    ALICE: ("Alice Ünder Test", "imap", TLS),
    BOB: ("Bob, the builder", "imap", STARTTLS),
    CAROL: ("Carol", "pop3", STARTTLS),
    DAVE: ("Dave 日本", "pop3", TLS),
}
SERVICES = {("imap", TLS): "imaps", ("imap", STARTTLS): "imap", ("pop3", TLS): "pop3s", ("pop3", STARTTLS): "pop3",
            ("smtp", TLS): "submissions", ("smtp", STARTTLS): "submission"}
ARTIFACTS = pathlib.Path(os.environ.get("ARTIFACTS", "."))  # where the picture of the window is kept


class Thunderbird(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server()
        cls.addClassCleanup(cls.server.close)
        web = cls.server.settings["web"]
        cls.client = thunderbird.Thunderbird(cls.server.ca, {"mailnews.auto_config_url": f"http://{web['host']}:{web['port']}/autoconfig/"})
        cls.addClassCleanup(cls.client.close)
        cls.made = {address: cls.client.act("setUp", address, name, cls.server.password(address), protocol, security)
                    for address, (name, protocol, security) in ACCOUNTS.items()}

    def receive(self, address, subject):
        return base64.b64decode(self.client.act("receive", address, subject))

    def assert_has(self, address, octets, read):
        """Below Thunderbird's own fields it has these octets; a local folder (POP3) has lines of its own kind."""
        if ACCOUNTS[address][1] == "pop3":
            octets, read = octets.replace(b"\r\n", b"\n"), read.replace(b"\r\n", b"\n")
        self.assertTrue(read.endswith(octets), samples.difference(octets, read))

    def deliver(self, address, octets):
        """As another site would."""
        with smtplib.SMTP("127.0.0.1", self.server.port(address, "smtp"), local_hostname="client.example", timeout=20) as client:
            client.sendmail("x@client.example", [address], octets, ["BODY=8BITMIME"])

    def fresh(self, address, name):
        """A new message; its subject."""
        token = f"{name}-{time.monotonic_ns()}"
        self.deliver(address, samples.header(token, "x@client.example", address).encode() + b"\r\nx\r\n")
        return token

    def test_accounts(self):
        for address, (_, protocol, security) in ACCOUNTS.items():
            with self.subTest(address):
                port = {kind: self.server.port(address, SERVICES[kind, security]) for kind in (protocol, "smtp")}
                self.assertEqual(self.made[address], {
                    "source": "xml-from-db",
                    "incoming": [protocol, "127.0.0.1", port[protocol], security],
                    "outgoing": ["smtp", "127.0.0.1", port["smtp"], security],
                })

    def test_write_and_read(self):
        attachment = self.server.folder / "all öctets.bin"
        attachment.write_bytes(bytes(range(256)) * 40)
        body = "Hällo\n.\n..leading\nFrom me\n" + "x" * 1200 + "\n日本"
        for number, sender in enumerate(ACCOUNTS):
            with self.subTest(sender):
                others = [address for address in ACCOUNTS if address != sender]
                subject = f"Grüße aus Köln, 日本語 {number}"
                message_id = self.client.act("send", sender, ", ".join(others), subject, body, [str(attachment)])
                for other in others:
                    stored = self.server.wait_mail(other, message_id)
                    message = samples.parse(stored)
                    self.assertEqual(message["Subject"], subject)
                    self.assertEqual((message["From"].addresses[0].display_name, message["From"].addresses[0].addr_spec), (ACCOUNTS[sender][0], sender))
                    text, attached = message.iter_parts()
                    self.assertEqual(text.get_content().replace("\r\n", "\n"), body)
                    self.assertEqual((attached.get_filename(), attached.get_content()), (attachment.name, attachment.read_bytes()))
                    self.assert_has(other, stored, self.receive(other, subject))
                if ACCOUNTS[sender][1] == "imap":  # the copy that it keeps there
                    copy = next(octets for octets in self.server.messages(sender, "Sent").values() if message_id.encode() in octets)
                    self.assertEqual(copy.split(b"\r\n\r\n", 1)[1], stored.split(b"\r\n\r\n", 1)[1])

    def test_octets(self):
        for address in (BOB, CAROL):
            prefix = f"tb-{ACCOUNTS[address][1]}"
            sent = samples.samples("x@client.example", address, prefix)
            for octets in sent.values():
                self.deliver(address, octets)
            for token, octets in sent.items():
                with self.subTest(token):
                    self.assert_has(address, octets, self.receive(address, token))

    def test_is_told_of_new_mail(self):
        self.receive(ALICE, self.fresh(ALICE, "asked"))
        self.client.act("notified", ALICE, self.fresh(ALICE, "told"))

    def test_flag_move_delete(self):
        starred, moved, deleted = (self.fresh(BOB, name) for name in ("starred", "moved", "deleted"))
        for token in (starred, moved, deleted):
            self.receive(BOB, token)
        self.client.act("tidyUp", BOB, starred, moved, deleted, "Größe & Co")

        def settled():
            with self.server.imap(BOB, "INBOX") as client:
                lines = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            flags = {part[1].split()[1].decode(): part[0].decode() for part in lines if isinstance(part, tuple)}
            gone = all(token not in flags or "\\Deleted" in flags[token] for token in (moved, deleted))
            return gone and "\\Flagged" in flags[starred] and "\\Seen" in flags[starred]

        harness.wait_for(settled, 20, "Thunderbird's changes on the server")
        self.assertIn(moved.encode(), b"".join(self.server.messages(BOB, '"Gr&APYA3w-e &- Co"').values()))
        self.assertIn(deleted.encode(), b"".join(self.server.messages(BOB, "Trash").values()))

    def test_window(self):
        attachment = self.server.folder / "notes.txt"
        attachment.write_text("see the window\n")
        subject = "Für das Fenster"
        self.client.act("send", ALICE, BOB, subject, "What a reader sees.\n", [str(attachment)])
        self.receive(BOB, subject)
        shown = self.client.act("show", BOB, subject)
        self.assertIn(subject, shown["subject"])
        self.assertIn("What a reader sees.", shown["body"])
        self.assertEqual(shown["attachments"], [attachment.name])
        picture = self.client.screenshot(ARTIFACTS / "thunderbird.png")
        self.assertTrue(picture.startswith(b"\x89PNG"))


if __name__ == "__main__":
    harness.main()
