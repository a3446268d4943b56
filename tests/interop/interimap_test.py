"""interimap keeps the mailboxes of two IMAP servers the same by QRESYNC, and ends at the first answer that is
not what RFC 7162 promises: new messages both ways, flags, expunges, mailboxes, and live by NOTIFY."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import harness
import samples

harness.needs("interimap")

ALICE, BOB = "alice@acme.example", "bob@globex.example"


class Interimap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server("--direct")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        for address in (ALICE, BOB):
            with self.server.imap(address) as client:
                for line in client.list()[1]:
                    name = re.search(rb'"/" (.*)$', line)[1].decode()
                    if name != "INBOX":
                        client.delete(name)
            self.server.clear(address)
        # STARTTLS and no compression on one side, TLS from the first octet and DEFLATE on the other.
        (self.folder / "config").write_text(f"""
database = {self.folder}/state.db
list-mailbox = "*"
{self.section("local", ALICE, "imap", "NO")}
{self.section("remote", BOB, "imaps", "YES")}
""")

    def section(self, name, address, service, compress):
        return f"""
[{name}]
type = {service}
host = localhost
port = {self.server.port(address, service)}
username = {address}
password = {self.server.password(address)}
compress = {compress}
SSL_CAfile = {self.server.ca}
"""

    def command(self, *arguments):
        return ["interimap", f"--config={self.folder}/config", *arguments]

    def sync(self, *arguments):
        done = harness.run(self.command(*arguments), env={**os.environ, "HOME": str(self.folder)})
        self.assertEqual(done.returncode, 0, done.text)
        self.assertNotRegex(done.text, r"(?i)warn|error|inconsisten|bug", done.text)
        return done.text

    def state(self, address, mailbox="INBOX"):
        """Subject -> flags, sorted."""
        with self.server.imap(address, f'"{mailbox}"', readonly=True) as client:
            if client.search(None, "ALL")[1] == [b""]:
                return {}
            lines = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            return {part[1].split()[1].decode(): sorted(re.search(rb"FLAGS \(([^)]*)\)", part[0])[1].decode().split())
                    for part in lines if isinstance(part, tuple)}

    def change(self, address, subject, flags):
        with self.server.imap(address, "INBOX") as client:
            number = client.search(None, "SUBJECT", subject)[1][0].decode()
            client.store(number, "+FLAGS", f"({flags})")
            client.expunge()

    def test_two_ways(self):
        near, far = samples.samples(ALICE, BOB, "near"), samples.samples(BOB, ALICE, "far")
        for address, sent in ((ALICE, near), (BOB, far)):
            with self.server.imap(address) as client:
                for octets in sent.values():
                    client.append("INBOX", None, None, octets)
        self.sync()
        expected = {**near, **far}
        for address in (ALICE, BOB):
            kept = sorted(self.server.messages(address).values())
            self.assertEqual(kept, sorted(expected.values()), "every octet")
        self.change(ALICE, "near-plain", r"\Seen $Forwarded")
        self.change(BOB, "far-dots", r"\Flagged \Answered")
        self.change(ALICE, "far-blanks", r"\Deleted")
        self.change(BOB, "near-utf-8", r"\Deleted")
        self.sync()
        states = [{subject: [flag for flag in flags if flag != r"\Recent"] for subject, flags in self.state(address).items()}
                  for address in (ALICE, BOB)]
        self.assertEqual(states[0], states[1])
        self.assertEqual(set(states[0]), set(expected) - {"far-blanks", "near-utf-8"})
        self.assertEqual(states[0]["near-plain"], ["$Forwarded", r"\Seen"])
        self.assertEqual(states[0]["far-dots"], [r"\Answered", r"\Flagged"])
        self.assertNotRegex(self.sync(), r"(?i)append|added|updated|expunge|vanished", "nothing more to do")

    def test_mailboxes(self):
        with self.server.imap(BOB) as client:
            for name in ("Projects", '"M&APw-ll"'):
                client.create(name)
            client.subscribe("Projects")
            client.append("Projects", None, None, samples.header("kept", ALICE, BOB).encode() + b"\r\nx\r\n")
        self.sync()
        self.assertEqual(list(self.state(ALICE, "Projects")), ["kept"])
        self.assertEqual(self.state(ALICE, "M&APw-ll"), {})
        with self.server.imap(ALICE) as client:
            self.assertIn(b"Projects", b"".join(client.lsub()[1]))
        self.sync("--rename", "Projects", "Done/2026")
        self.sync("--delete", "M&APw-ll")
        self.sync()
        for address in (ALICE, BOB):
            with self.subTest(address):
                self.assertEqual(list(self.state(address, "Done/2026")), ["kept"])
                with self.server.imap(address) as client:
                    names = b"".join(client.list()[1])
                    self.assertNotIn(b"Projects", names)
                    self.assertNotIn(b"M&APw-ll", names)

    def test_live(self):
        """NOTIFY tells interimap of what happens; it looks by itself only every 15 minutes."""
        self.sync()  # makes the database, which --watch does not
        with open(self.folder / "log", "wb") as log:
            child = subprocess.Popen(self.command("--watch", "--notify"), stdout=log, stderr=log, env={**os.environ, "HOME": str(self.folder)})
        try:
            for number, (here, there) in enumerate(((ALICE, BOB), (BOB, ALICE))):
                subject = f"live-{number}"
                with self.server.imap(here) as client:
                    client.append("INBOX", None, None, samples.header(subject, here, there).encode() + b"\r\nx\r\n")
                harness.wait_for(lambda: subject in self.state(there), harness.MAIL_SECONDS, f"{subject} for {there}")
                self.change(there, subject, r"\Flagged")
                harness.wait_for(lambda: r"\Flagged" in self.state(here)[subject], harness.MAIL_SECONDS, f"the flag of {subject}")
                self.change(here, subject, r"\Deleted")
                harness.wait_for(lambda: subject not in self.state(there), harness.MAIL_SECONDS, f"{subject} is gone")
            self.assertIsNone(child.poll(), (self.folder / "log").read_text())
        finally:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(harness.STOP_SECONDS)
            child.kill()
            child.wait()


if __name__ == "__main__":
    harness.main()
