"""swaks submits, curl reads back: what arrives is what was sent."""
import email.header
import os
import re
import unittest

import harness
import samples

harness.needs("swaks", "curl")

ALICE, CAROL, BOB = "alice@acme.example", "carol@acme.example", "bob@globex.example"


@harness.both_ways
class Swaks:
    def swaks(self, service, *arguments, sender=ALICE, recipient=BOB, login=True, mechanism="PLAIN", data=None, password=None, domain=None):
        host, port = self.server.endpoint(domain or sender.split("@")[1], service)
        command = ["swaks", "--server", host, "--port", port, "--ehlo", "client.example", "--from", sender, "--to", recipient,
                   "--timeout", "20", "--tls-verify", "--tls-ca-path", self.server.ca]
        if login:
            command += ["--auth", mechanism, "--auth-user", sender, "--auth-password", password or self.server.password(sender)]
        if data is not None:
            path = self.server.folder / "data.eml"
            path.write_bytes(data)
            command += ["--data", f"@{path}", "--no-data-fixup"]
        return harness.run([*command, *arguments])

    def curl(self, url, *arguments, address=BOB):
        return harness.run(["curl", "--silent", "--show-error", "--max-time", "20", "--cacert", self.server.ca,
                            "--user", f"{address}:{self.server.password(address)}", *arguments, url])

    def read_back(self, service, address=BOB):
        """The newest message of the account, fetched by curl."""
        host, port = "127.0.0.1", self.server.port(address, service)
        if service in ("imap", "imaps"):
            security = ["--ssl-reqd"] if service == "imap" else []
            done = self.curl(f"{service}://{host}:{port}/INBOX;MAILINDEX=*", *security, address=address)
        else:
            security = ["--ssl-reqd"] if service == "pop3" else []
            listing = self.curl(f"{service}://{host}:{port}/", *security, address=address).stdout.split(b"\r\n")
            last = [line for line in listing if line][-1].split()[0].decode()
            done = self.curl(f"{service}://{host}:{port}/{last}", *security, address=address)
        self.assertEqual(done.returncode, 0, done.text)
        return done.stdout

    def test_ways_to_submit(self):
        for service, tls in (("submission", "--tls"), ("submissions", "--tls-on-connect")):
            for mechanism in ("PLAIN", "LOGIN"):
                for sender in (ALICE, CAROL):
                    with self.subTest(service=service, mechanism=mechanism, sender=sender):
                        subject = f"swaks {service} {mechanism} {sender}"
                        done = self.swaks(service, tls, "--header", f"Subject: {subject}", mechanism=mechanism, sender=sender)
                        self.assertEqual(done.returncode, 0, done.text)
                        self.server.wait_mail(BOB, subject)

    def test_tls_versions(self):
        for version in ("tlsv1_2", "tlsv1_3"):
            done = self.swaks("submission", "--tls", "--tls-protocol", version, "--quit-after", "AUTH")
            self.assertEqual(done.returncode, 0, done.text)
            self.assertIn(version.replace("tlsv", "TLSv").replace("_", "."), done.text)

    def test_unchanged(self):
        services = ["imaps", "pop3s", "imap", "pop3"]
        for number, (token, octets) in enumerate(samples.samples(ALICE, BOB, "swaks").items()):
            with self.subTest(token):
                stuffed = re.sub(rb"(?m)^\.", b"..", octets) + b".\r\n"  # --no-data-fixup: swaks sends the file as it is
                done = self.swaks("submissions", "--tls-on-connect", data=stuffed)
                self.assertEqual(done.returncode, 0, done.text)
                self.server.wait_mail(BOB, f"<{token}@")
                service = services[number % len(services)]
                self.assertIsNone(samples.difference(octets, self.read_back(service)), service)

    def test_attachment_and_subject(self):
        attachment = self.server.folder / "attachment.bin"
        attachment.write_bytes(os.urandom(100_000))
        subject = email.header.Header("Grüße aus Köln 日本語", "utf-8").encode()
        done = self.swaks("submission", "--tls", "--header", f"Subject: {subject}", "--body", "see below", "--attach", f"@{attachment}")
        self.assertEqual(done.returncode, 0, done.text)
        message = samples.parse(self.server.wait_mail(BOB, subject))
        self.assertEqual(message["Subject"], "Grüße aus Köln 日本語")
        parts = list(message.iter_attachments())
        self.assertEqual(parts[-1].get_content(), attachment.read_bytes())

    def test_notification(self):
        done = self.swaks("submission", "--tls", "--header", "Subject: to nobody", recipient="nobody@globex.example")
        self.assertEqual(done.returncode, 0, done.text)
        report = samples.parse(self.server.wait_mail(ALICE, "Subject: to nobody"))
        self.assertEqual(report.get_content_type(), "multipart/report")
        status = next(part for part in report.iter_parts() if part.get_content_type() == "message/delivery-status")
        fields = status.get_payload()[1]
        self.assertEqual((fields["Action"], fields["Status"].split()[0]), ("failed", "5.1.1"))
        done = self.swaks("submission", "--tls", recipient="nobody@acme.example")
        self.assertEqual(done.returncode, 24, done.text)  # no recipient was accepted: said at once
        self.assertIn("550 5.1.1", done.text)

    def test_refusals(self):
        done = self.swaks("smtp", login=False, sender=ALICE, recipient=BOB)
        self.assertEqual(done.returncode, 24, done.text)
        self.assertIn("550 5.7.1", done.text)
        done = self.swaks("submission", "--quit-after", "EHLO", login=False)
        self.assertNotIn("AUTH", done.text)
        self.assertRegex(done.text, r"250[- ]STARTTLS")
        done = self.swaks("submission", login=True)  # swaks without --tls: AUTH is not there
        self.assertEqual(done.returncode, 28, done.text)
        done = self.swaks("submission", "--tls", password="wrong")
        self.assertEqual(done.returncode, 28, done.text)
        self.assertIn("535 5.7.8", done.text)
        done = self.swaks("submission", "--tls", login=False)
        self.assertEqual(done.returncode, 23, done.text)
        self.assertIn("530 5.7.0", done.text)

    def test_mail_exchanger_with_tls(self):
        done = self.swaks("smtp", "--tls", "--header", "Subject: from outside", login=False, sender="x@client.example", domain="globex.example")
        self.assertEqual(done.returncode, 0, done.text)
        stored = self.server.wait_mail(BOB, "Subject: from outside")
        self.assertRegex(stored, rb"Received: from client\.example \(.*\)\r\n\tby mx1\.globex\.example with ESMTPS ")


if __name__ == "__main__":
    harness.main()
