"""curl with each mail protocol: smtp, smtps, imap, imaps, pop3, pop3s."""
import unittest
import urllib.parse

import harness
import samples

harness.needs("curl")

ALICE, CAROL, BOB = "alice@acme.example", "carol@acme.example", "bob@globex.example"


@harness.both_ways
class Curl:
    def setUp(self):
        self.server.clear(BOB)

    def curl(self, scheme, path="", *arguments, address=BOB, fails=False, host="127.0.0.1"):
        service = {"smtp": "submission", "smtps": "submissions"}.get(scheme, scheme)
        security = [] if scheme.endswith("s") else ["--ssl-reqd"]
        done = harness.run(["curl", "--silent", "--show-error", "--max-time", "20", "--cacert", self.server.ca, *security,
                            "--user", f"{address}:{self.server.password(address)}", *arguments,
                            f"{scheme}://{host}:{self.server.port(address, service)}/{path}"])
        self.assertEqual(done.returncode != 0, fails, done.text)
        return done

    def from_file(self, octets):
        path = self.server.folder / "upload.eml"  # from a pipe curl does not know the size, which APPEND needs
        path.write_bytes(octets)
        return ["--upload-file", path]

    def upload(self, scheme, octets, *recipients, sender=ALICE, host="127.0.0.1"):
        to = [word for recipient in recipients for word in ("--mail-rcpt", recipient)]
        return self.curl(scheme, "client.example", "--mail-from", sender, *to, *self.from_file(octets), address=sender, host=host)

    def put(self, *messages):
        with self.server.imap(BOB) as client:
            for octets in messages:
                client.append("INBOX", None, None, octets)

    def test_upload(self):
        for scheme in ("smtp", "smtps"):
            sent = samples.samples(ALICE, BOB, f"curl-{scheme}")
            for number, octets in enumerate(sent.values()):
                self.upload(scheme, octets, BOB, CAROL, host=("127.0.0.1", "localhost")[number % 2])
            for token, octets in sent.items():
                self.assertIsNone(samples.difference(octets, self.server.wait_mail(BOB, f"<{token}@")))
            self.server.wait_mail(CAROL, f"<{token}@")

    def test_upload_refused(self):
        done = self.curl("smtp", "", "--mail-from", BOB, "--mail-rcpt", BOB, *self.from_file(b"x\r\n"), address=ALICE, fails=True)
        self.assertEqual(done.returncode, 55, done.text)  # MAIL refused: not the login's address
        wrong = harness.run(["curl", "-sS", "--ssl-reqd", "--cacert", self.server.ca, "--user", f"{ALICE}:wrong", "--mail-from", ALICE,
                             "--mail-rcpt", BOB, "-T", "-", f"smtp://127.0.0.1:{self.server.port(ALICE, 'submission')}/"], data=b"x\r\n")
        self.assertEqual(wrong.returncode, 67, wrong.text)
        unverified = harness.run(["curl", "-sS", f"imaps://127.0.0.1:{self.server.port(BOB, 'imaps')}/"])
        self.assertEqual(unverified.returncode, 60, unverified.text)

    def test_imap(self):
        octets = list(samples.samples(ALICE, BOB, "imap").values())
        for scheme in ("imaps", "imap"):
            with self.subTest(scheme):
                self.server.clear(BOB)
                for message in octets[:3]:
                    self.curl(scheme, "INBOX", *self.from_file(message))
                self.assertIn('"/" INBOX', self.curl(scheme).text)
                self.assertIn("* 3 EXISTS", self.curl(scheme, "", "-X", "SELECT INBOX").text)
                self.assertEqual(self.curl(scheme, "INBOX;MAILINDEX=2").stdout, octets[1])
                self.assertEqual(self.curl(scheme, "INBOX;MAILINDEX=1;SECTION=TEXT").stdout, octets[0].split(b"\r\n\r\n", 1)[1])
                self.assertIn(b"* SEARCH 3", self.curl(scheme, "INBOX?SUBJECT%20imap-dots").stdout)
                self.assertIn("SEARCH 1 2 3", self.curl(scheme, "INBOX", "-X", "SEARCH ALL").text)
                uid = self.curl(scheme, "INBOX", "-X", "UID SEARCH SUBJECT imap-plain").text.split()[-1]
                self.assertEqual(self.curl(scheme, f"INBOX;UID={uid}").stdout, octets[0])
                self.assertIn("FLAGS", self.curl(scheme, "INBOX", "-X", "STORE 1 +FLAGS (\\Flagged)").text)
                self.assertIn("BODYSTRUCTURE", self.curl(scheme, "INBOX", "-X", "FETCH 1:* (FLAGS BODYSTRUCTURE ENVELOPE)").text)
                self.assertIn("STATUS INBOX (MESSAGES 3", self.curl(scheme, "", "-X", "STATUS INBOX (MESSAGES UNSEEN)").text.replace('"', ""))
                self.curl(scheme, "INBOX;MAILINDEX=9", fails=True)
                self.curl(scheme, "Nowhere;MAILINDEX=1", fails=True)

    def test_imap_mailboxes(self):
        name = "Größe & Ärger"
        self.curl("imaps", "", "-X", 'CREATE "Gr&APYA3w-e &- &AMQ-rger"')
        listing = self.curl("imaps", "", "-X", 'LIST "" "*"').text
        self.assertIn("Gr&APYA3w-e &- &AMQ-rger", listing)
        self.curl("imaps", urllib.parse.quote("Gr&APYA3w-e &- &AMQ-rger"), *self.from_file(b"Subject: x\r\n\r\ny\r\n"))
        self.assertEqual(self.curl("imaps", urllib.parse.quote("Gr&APYA3w-e &- &AMQ-rger") + ";MAILINDEX=1").stdout, b"Subject: x\r\n\r\ny\r\n", name)
        self.curl("imaps", "", "-X", 'DELETE "Gr&APYA3w-e &- &AMQ-rger"')

    def test_imap_logins(self):
        for options in ("AUTH=PLAIN", "AUTH=LOGIN", "AUTH=*"):
            self.curl("imap", "", "--login-options", options)
        self.curl("imap", "", "--sasl-ir")
        self.curl("imaps", "", address=CAROL)

    def test_pop3(self):
        octets = list(samples.samples(ALICE, BOB, "pop3").values())
        for scheme in ("pop3s", "pop3"):
            with self.subTest(scheme):
                self.server.clear(BOB)
                self.put(*octets)
                listing = [line.split() for line in self.curl(scheme).stdout.decode().split("\r\n") if line]
                self.assertEqual([int(size) for _, size in listing], [len(message) for message in octets])
                for number, message in enumerate(octets, 1):
                    self.assertEqual(self.curl(scheme, str(number)).stdout, message)
                unique = self.curl(scheme, "", "-X", "UIDL").stdout.decode().split()[1::2]
                self.assertEqual(len(set(unique)), len(octets))
                self.assertIn(b"Subject: pop3-plain", self.curl(scheme, "", "-X", "TOP 1 0").stdout)
                self.curl(scheme, "1", "-X", "DELE", "--list-only")
                self.assertEqual(len(self.server.messages(BOB)), len(octets) - 1)
                self.curl(scheme, "99", fails=True)
        for options in ("AUTH=PLAIN", "AUTH=LOGIN"):
            self.curl("pop3", "", "--login-options", options)


if __name__ == "__main__":
    harness.main()
