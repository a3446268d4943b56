"""alpine sends by SMTP and reads by IMAP, on a terminal where its questions are answered."""
import os
import pty
import re
import select
import time
import unittest

import harness
import samples

harness.needs("alpine")

ALICE, BOB = "alice@acme.example", "bob@globex.example"
QUIET_SECONDS = 0.3  # alpine has drawn all that it wants and waits for a key
ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])")


@harness.both_ways
class Alpine:
    def alpine(self, address, imap, smtp, arguments, steps, seconds=60):
        """Runs it to its end. `steps`: what the screen must show, what is typed then; questions that come
        in between are answered."""
        home = self.server.folder / f"alpine-{imap}-{address}"
        home.mkdir(exist_ok=True)
        # It compares the certificate with names only; an address never matches.
        security = {"imap": "tls", "imaps": "ssl", "submission": "tls", "submissions": "ssl"}
        at = f"{{localhost:{self.server.port(address, imap)}/{security[imap]}/user={address}}}"
        (home / "pinerc").write_text(f"""
personal-name=Alpine
user-domain=acme.example
customized-hdrs=From: Alpine <{address}>
smtp-server=localhost:{self.server.port(address, smtp)}/{security[smtp]}/user={address}
inbox-path={at}INBOX
default-fcc={at}Sent
feature-list=quit-without-confirm,allow-changing-from,expunge-without-confirm,expunge-without-confirm-everywhere
last-version-used=99.99
""")
        answers = {b"ENTER PASSWORD:": self.server.password(address).encode() + b"\r", b"Preserve password on DISK": b"n"}
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(TERM="xterm", HOME=str(home), LC_ALL="C.UTF-8", LINES="40", COLUMNS="120", SSL_CERT_FILE=self.server.ca)
            os.execvp("alpine", ["alpine", "-p", str(home / "pinerc"), *arguments])
        steps, drawn, seen, end = list(steps), b"", 0, time.monotonic() + seconds
        try:
            while True:
                if time.monotonic() > end:
                    os.kill(child, 9)
                    self.fail(f"alpine does not end, waits for {steps[:1]}: " + drawn[-1500:].decode("utf-8", "replace"))
                if select.select([terminal], [], [], QUIET_SECONDS)[0]:
                    try:
                        piece = os.read(terminal, 65536)
                    except OSError:  # EIO: it has ended
                        break
                    if not piece:
                        break
                    drawn = ESCAPES.sub(b"", drawn + piece)
                    continue
                new = drawn[seen:]
                answer = next((keys for question, keys in answers.items() if question in new), None)
                if answer is None and steps and steps[0][0].encode() in new:
                    answer = steps.pop(0)[1].encode()
                if answer is not None:
                    seen = len(drawn)
                    os.write(terminal, answer)
        finally:
            os.close(terminal)
            os.waitpid(child, 0)
        self.assertEqual(steps, [], drawn[-1500:].decode("utf-8", "replace"))
        return home

    def test_send(self):
        for smtp, imap in (("submission", "imap"), ("submissions", "imaps")):
            with self.subTest(smtp):
                attachment = self.server.folder / f"octets-{smtp}.bin"
                attachment.write_bytes(bytes(range(256)) * 40)
                subject, text = f"Grüße by {smtp}", "Hällo\r.\r..\r日本"
                self.alpine(ALICE, imap, smtp, [BOB, "-attach", str(attachment)],
                            [("Subject", "\t\t\t" + subject + "\t"), ("To Spell", text + "\x18"), ("Send message", "y")])
                octets = self.server.wait_mail(BOB, attachment.name)
                message = samples.parse(octets)
                self.assertEqual(message["Subject"], subject)
                self.assertEqual(message.get_body().get_content().replace("\r\n", "\n").split(), text.split())
                self.assertEqual(next(message.iter_attachments()).get_content(), attachment.read_bytes())
                self.assertTrue(any(attachment.name.encode() in kept for kept in self.server.messages(ALICE, "Sent").values()))

    def test_read_and_delete(self):
        for imap in ("imaps", "imap"):
            with self.subTest(imap):
                self.server.clear(BOB)
                sent = samples.samples(ALICE, BOB, f"pine-{imap}")
                octets = sent[f"pine-{imap}-utf-8"]
                with self.server.imap(BOB) as client:
                    client.append("INBOX", None, None, octets)
                home = self.alpine(BOB, imap, "submission", ["-i"],
                                   # The title of the index: what it says below of the folder it may leave out.
                                   [("Message 1 of 1", "e"), ("EXPORT", "exported\r"), ("exported to file", "dq")])
                exported = (home / "exported").read_bytes()
                self.assertIn(octets.split(b"\r\n\r\n", 1)[1].strip(), exported.replace(b"\n", b"\r\n"))
                self.assertEqual(self.server.messages(BOB), {})


if __name__ == "__main__":
    harness.main()
