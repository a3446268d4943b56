"""mbsync keeps a Maildir and the server's mailboxes the same, both ways, flags and deletions too."""
import pathlib
import re
import shutil
import tempfile
import unittest

import harness
import samples

harness.needs("mbsync")

ALICE, BOB = "alice@acme.example", "bob@globex.example"


def without_mark(octets):
    """mbsync marks each copy that it makes with a field of its own."""
    return re.sub(rb"(?m)^X-TUID: .*\n", b"", octets, count=1)


@harness.both_ways
class Mbsync:
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.server.clear(BOB)
        (self.folder / "mail").mkdir()

    def configure(self, service):
        # mbsync compares the host with the certificate's DNS names only: an address never matches.
        (self.folder / "mbsyncrc").write_text(f"""
IMAPAccount bob
Host localhost
Port {self.server.port(BOB, service)}
User {BOB}
Pass "{self.server.password(BOB)}"
SSLType {'IMAPS' if service == 'imaps' else 'STARTTLS'}
CertificateFile {self.server.ca}
SystemCertificates no
Timeout 15

IMAPStore far
Account bob

MaildirStore near
Path {self.folder}/mail/
Inbox {self.folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState *
""")

    def sync(self):
        done = harness.run(["mbsync", "-c", self.folder / "mbsyncrc", "-a"], env={"HOME": str(self.folder)})
        self.assertEqual(done.returncode, 0, done.text)
        self.assertNotIn("arning", done.text)
        return done.text

    def near(self, mailbox="INBOX"):
        """Subject -> file, of the Maildir."""
        found = {}
        for part in ("cur", "new"):
            for file in (self.folder / "mail" / mailbox / part).iterdir():
                found[samples.parse(file.read_bytes())["Subject"]] = file
        return found

    def far_flags(self):
        with self.server.imap(BOB, "INBOX") as client:
            lines = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            return {part[1].split()[1].decode(): part[0].decode() for part in lines if isinstance(part, tuple)}

    def flag(self, file, flags):
        base = file.name.split(":2,")[0]
        target = file.parent.parent / "cur" / f"{base}:2,{flags}"
        file.rename(target)

    def test_two_ways(self):
        for service in ("imaps", "imap"):
            with self.subTest(service):
                self.server.clear(BOB)
                shutil.rmtree(self.folder / "mail")
                (self.folder / "mail").mkdir()
                self.configure(service)
                sent = samples.samples(ALICE, BOB, "sync")
                with self.server.imap(BOB) as client:
                    for octets in sent.values():
                        client.append("INBOX", None, None, octets)
                self.sync()
                near = self.near()
                self.assertEqual(sorted(near), sorted(sent))
                for token, octets in sent.items():
                    self.assertEqual(without_mark(near[token].read_bytes()), octets.replace(b"\r\n", b"\n"), token)
                # Here: one read, one flagged, one deleted, one new. There: one answered, one deleted.
                self.flag(near["sync-plain"], "S")
                self.flag(near["sync-dots"], "F")
                self.flag(near["sync-blanks"], "T")
                new = samples.header("from-here", BOB, ALICE).replace("\r\n", "\n") + "\nwritten near\n"
                (self.folder / "mail/INBOX/new/1.1_1.client").write_text(new)
                with self.server.imap(BOB, "INBOX") as client:
                    for token, flags in (("sync-utf-8", r"(\Answered)"), ("sync-latin-1", r"(\Deleted)")):
                        number = client.search(None, "SUBJECT", token)[1][0].decode()
                        client.store(number, "+FLAGS", flags)
                    client.expunge()
                self.sync()
                far, near = self.far_flags(), self.near()
                expected = sorted((set(sent) - {"sync-blanks", "sync-latin-1"}) | {"from-here"})
                self.assertEqual(sorted(far), expected)
                self.assertEqual(sorted(near), expected)
                self.assertIn("\\Seen", far["sync-plain"])
                self.assertIn("\\Flagged", far["sync-dots"])
                self.assertIn("R", near["sync-utf-8"].name.split(":2,")[1])
                kept = next(octets for octets in self.server.messages(BOB).values() if b"from-here" in octets)
                self.assertEqual(without_mark(kept), new.replace("\n", "\r\n").encode())
                before = {subject: file.name for subject, file in self.near().items()}
                self.sync()
                self.assertEqual({subject: file.name for subject, file in self.near().items()}, before, "nothing more to do")

    def test_mailboxes(self):
        self.configure("imaps")
        with self.server.imap(BOB) as client:
            client.create("Projects")
            client.create("Projects/2026")
            client.append("Projects/2026", None, None, samples.header("deep", ALICE, BOB).encode() + b"\r\nx\r\n")
        self.sync()
        self.assertEqual(list(self.near("Projects/2026")), ["deep"])
        for part in ("cur", "new", "tmp"):
            (self.folder / "mail/Made here" / part).mkdir(parents=True)
        (self.folder / "mail/Made here/new/1.2_1.client").write_text(samples.header("upload", BOB, ALICE).replace("\r\n", "\n") + "\nx\n")
        self.sync()
        self.assertEqual(len(self.server.messages(BOB, '"Made here"')), 1)

    def test_many(self):
        self.configure("imaps")
        with self.server.imap(BOB) as client:
            for i in range(100):
                client.append("INBOX", None, None, samples.header(f"many-{i}", ALICE, BOB).encode() + b"\r\nx\r\n")
        self.sync()
        self.assertEqual(len(self.near()), 100)


if __name__ == "__main__":
    harness.main()
