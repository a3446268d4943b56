"""mailscope store: checks, imports and exports the folder of a server, with Python's own mailbox
module as the other program."""
import mailbox
import pathlib
import shutil
import sqlite3
import tempfile
import unittest

import harness

ALICE = "alice@acme.example"
TEXT = b"Subject: one\n\nFrom here\nto there\n"


class Store(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.data = self.folder / "data"

    def store(self, *arguments, status=0):
        done = harness.run([harness.PROGRAM, "store", *map(str, arguments)], timeout=30)
        self.assertEqual(done.returncode, status, done.text)
        return done.stdout.decode() + done.stderr.decode()

    def fill(self):
        box = mailbox.Maildir(self.folder / "Maildir", create=True)
        message = mailbox.MaildirMessage(TEXT)
        message.set_flags("FS")
        message.set_subdir("cur")
        box.add(message)
        box.add_folder("Sent").add(TEXT)
        return self.store("import", self.data, ALICE, self.folder / "Maildir")

    def test_maildir_in_and_out(self):
        self.assertIn("2 messages", self.fill())
        self.assertIn("ok: 1 accounts, 2 messages", self.store("check", self.data))
        self.store("export", self.data, ALICE, self.folder / "out")
        box = mailbox.Maildir(self.folder / "out", create=False)
        (message,) = box
        self.assertEqual(sorted(message.get_flags()), ["F", "S"])
        self.assertEqual(message.as_bytes(), TEXT)
        self.assertEqual(len(box.get_folder("Sent")), 1)

    def test_mbox_in_and_out(self):
        self.fill()
        self.store("export", self.data, ALICE, self.folder / "out", "--format", "mbox")
        (message,) = mailbox.mbox(self.folder / "out" / "INBOX.mbox")
        self.assertEqual(set(message.get_flags()), {"R", "O", "F"})
        self.assertEqual(message.get_payload(), ">From here\nto there\n")
        box = mailbox.mbox(self.folder / "in.mbox")
        box.add(message)
        box.close()
        self.assertIn("1 messages, 1 new", self.store("import", self.data, ALICE, "--mailbox", "Old/2025",
                                                      self.folder / "in.mbox"))
        self.assertIn("3 messages", self.store("check", self.data))

    def test_an_imported_message_is_served(self):
        self.fill()
        server = harness.Server("--data", str(self.data))
        self.addCleanup(server.close)
        with server.imap(ALICE, "INBOX") as client:
            data = client.fetch("1", "(FLAGS BODY[])")[1]
        self.assertEqual(data[0][1], TEXT.replace(b"\n", b"\r\n"))
        self.assertIn(b"\\Flagged", data[0][0] + data[1])
        self.assertIn("another server", self.store("check", self.data, status=2))

    def test_damage_is_told(self):
        self.fill()
        database = sqlite3.connect(self.data / "mailscope.db")
        database.execute("UPDATE mailbox SET unseen = 7 WHERE name = 'INBOX'")
        database.commit()
        database.close()
        self.assertIn("counts and sums", self.store("check", self.data, status=1))

    def test_mistakes(self):
        self.assertIn("is no data folder", self.store("check", self.folder, status=2))
        self.assertFalse((self.folder / "mailscope.db").exists())
        self.fill()
        self.assertIn("does not exist", self.store("import", self.data, ALICE, self.folder / "none", status=2))
        self.assertIn("no account", self.store("export", self.data, "eve@x.example", self.folder / "x", status=2))
        self.assertIn("exists already", self.store("export", self.data, ALICE, self.folder, status=2))


if __name__ == "__main__":
    harness.main()
