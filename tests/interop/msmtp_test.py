"""msmtp submits, as a sendmail program of scripts and mail readers."""
import re
import unittest

import harness
import samples

harness.needs("msmtp")

ALICE, CAROL, BOB, DAVE = "alice@acme.example", "carol@acme.example", "bob@globex.example", "dave@globex.example"
SERVICES = ("submission", "submissions")
ALWAYS = {"PLAIN", "LOGIN"}
# Exit status, from sysexits.h, as msmtp names it.
EX_DATAERR, EX_NOPERM = 65, 77


@harness.both_ways
class Msmtp:
    def msmtp(self, service, *arguments, sender=ALICE, mechanism="on", data=b"", password=None, trust=True):
        folder = self.server.folder
        secret = folder / "secret"
        secret.write_text(password or self.server.password(sender))
        configuration = folder / "msmtprc"
        configuration.write_text(f"""
account default
host 127.0.0.1
port {self.server.port(sender, service)}
domain client.example
from {sender}
auth {mechanism}
user {sender}
passwordeval cat {secret}
tls on
tls_starttls {'on' if service == 'submission' else 'off'}
tls_trust_file {self.server.ca if trust else '/etc/ssl/certs/ca-certificates.crt'}
timeout 20
""")
        configuration.chmod(0o600)
        return harness.run(["msmtp", "-C", configuration, *arguments], data=data, env={"HOME": str(folder)})

    def test_unchanged(self):
        for service in SERVICES:
            sent = samples.samples(ALICE, BOB, f"msmtp-{service}")
            for octets in sent.values():
                done = self.msmtp(service, BOB, CAROL, data=octets.replace(b"\r\n", b"\n"))
                self.assertEqual(done.returncode, 0, done.text)
            for token, octets in sent.items():
                with self.subTest(token):
                    self.assertIsNone(samples.difference(octets, self.server.wait_mail(BOB, f"<{token}@")))
            self.server.wait_mail(CAROL, f"<{token}@")

    def test_recipients_of_the_header(self):
        text = f"From: {ALICE}\nTo: Bob <{BOB}>\nCc: {DAVE}\nBcc: {CAROL}\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= from msmtp -t\n\nx\n"
        done = self.msmtp("submission", "-t", data=text.encode())
        self.assertEqual(done.returncode, 0, done.text)
        for address in (BOB, DAVE, CAROL):
            message = samples.parse(self.server.wait_mail(address, "from msmtp -t"))
            self.assertEqual(message["Subject"], "Grüße from msmtp -t")
            self.assertNotIn("Bcc", message)

    def test_every_mechanism(self):
        """Those that the server announces and msmtp knows, with passwords that need care."""
        known = re.search(r"authentication methods:\s*([^\n]*)", harness.run(["msmtp", "--version"]).text)[1].upper().split()
        for service in SERVICES:
            information = self.msmtp(service, "--serverinfo").text
            announced = re.search(r"AUTH:\s*.*\n\s*([^\n]*)", information)[1].upper().split()
            self.assertLessEqual(ALWAYS, set(announced), information)
            for mechanism in (name for name in announced if name in known and name not in ("OAUTHBEARER", "XOAUTH2", "EXTERNAL")):
                for sender in (ALICE, CAROL, DAVE):
                    with self.subTest(service=service, mechanism=mechanism, sender=sender):
                        token = f"{service}-{mechanism}-{sender}"
                        done = self.msmtp(service, BOB, sender=sender, mechanism=mechanism.lower(), data=samples.header(token, sender, BOB).encode())
                        self.assertEqual(done.returncode, 0, done.text)
                        self.server.wait_mail(BOB, f"Subject: {token}\r\n")
                with self.subTest(service=service, mechanism=mechanism, sender="wrong password"):
                    done = self.msmtp(service, BOB, mechanism=mechanism.lower(), data=b"Subject: x\n\nx\n", password="wrong")
                    self.assertEqual(done.returncode, EX_NOPERM, done.text)

    def test_notification_of_success(self):
        token = "told when delivered"
        done = self.msmtp("submission", "--dsn-notify=success,failure", "--dsn-return=headers", BOB, data=f"From: {ALICE}\nSubject: {token}\n\nsecret body\n".encode())
        self.assertEqual(done.returncode, 0, done.text)
        octets = self.server.wait_mail(ALICE, token)
        report = samples.parse(octets)
        self.assertEqual(report.get_content_type(), "multipart/report")
        status = next(part for part in report.iter_parts() if part.get_content_type() == "message/delivery-status")
        self.assertEqual(status.get_payload()[1]["Action"], "delivered")
        self.assertNotIn(b"secret body", octets)

    def test_refusals(self):
        done = self.msmtp("submission", "nobody@acme.example", data=b"Subject: x\n\nx\n")
        self.assertEqual(done.returncode, EX_DATAERR, done.text)
        self.assertIn("550 5.1.1", done.text)
        done = self.msmtp("submission", "--from", BOB, BOB, data=b"Subject: x\n\nx\n")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("5.7.1", done.text)
        done = self.msmtp("submissions", BOB, data=b"Subject: x\n\nx\n", trust=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("certificate", done.text)


if __name__ == "__main__":
    harness.main()
