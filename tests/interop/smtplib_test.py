"""Python's smtplib against the submission and mail exchanger ports."""
import smtplib
import socket
import ssl
import unittest

import harness
import samples

ALICE, CAROL, BOB, DAVE = "alice@acme.example", "carol@acme.example", "bob@globex.example", "dave@globex.example"


@harness.both_ways
class Smtp:
    def connect(self, address=ALICE, *, login=True, host="127.0.0.1", version=None):
        client = smtplib.SMTP(host, self.server.port(address, "submission"), local_hostname="client.example", timeout=harness.RUN_SECONDS)
        self.addCleanup(client.close)
        client.starttls(context=self.server.context(version))
        if login:
            client.ehlo()
            client.login(address, self.server.password(address))
        return client

    def connect_mx(self, domain="globex.example"):
        client = smtplib.SMTP(*self.server.endpoint(domain, "smtp"), local_hostname="client.example", timeout=harness.RUN_SECONDS)
        self.addCleanup(client.close)
        return client

    def test_hosts_and_versions(self):
        for host in ("127.0.0.1", "localhost"):
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                with self.subTest(host=host, version=version):
                    client = self.connect(host=host, version=version)
                    self.assertEqual(client.sock.version(), "TLSv1.2" if version == ssl.TLSVersion.TLSv1_2 else "TLSv1.3")
                    self.assertEqual(client.quit()[0], 221)

    def test_certificate_of_another_name_is_noticed(self):
        client = smtplib.SMTP("127.0.0.1", self.server.port(ALICE, "submission"), timeout=10)
        self.addCleanup(client.close)
        client._host = "wrong.example"
        with self.assertRaises(ssl.SSLCertVerificationError):
            client.starttls(context=self.server.context())

    def test_implicit_tls(self):
        client = smtplib.SMTP_SSL("localhost", self.server.port(ALICE, "submissions"), context=self.server.context(), timeout=harness.RUN_SECONDS)
        self.addCleanup(client.close)
        client.ehlo()
        self.assertFalse(client.has_extn("starttls"))
        self.assertIn("PLAIN", client.esmtp_features["auth"].split())
        client.login(ALICE, self.server.password(ALICE))
        self.assertEqual(client.sendmail(ALICE, [BOB], samples.header("implicit", ALICE, BOB) + "\r\nhi\r\n"), {})
        client.quit()
        self.server.wait_mail(BOB, "implicit")

    def test_extensions(self):
        client = smtplib.SMTP("127.0.0.1", self.server.port(ALICE, "submission"), timeout=10)
        self.addCleanup(client.close)
        client.ehlo()
        self.assertTrue(client.has_extn("starttls"))
        self.assertFalse(client.has_extn("auth"), "passwords would go in the clear")
        with self.assertRaises(smtplib.SMTPNotSupportedError):
            client.login(ALICE, "x")
        code, text = client.docmd("AUTH", "PLAIN AGEAYg==")
        self.assertIn(code, (530, 538), text)
        code, text = client.docmd("MAIL", f"FROM:<{ALICE}>")
        self.assertEqual(code, 530, text)
        client.starttls(context=self.server.context())
        self.assertEqual(client.esmtp_features, {}, "what was learned in the clear is forgotten")
        client.ehlo()
        for name in ("auth", "pipelining", "8bitmime", "size", "enhancedstatuscodes"):
            self.assertTrue(client.has_extn(name), name)
        self.assertFalse(client.has_extn("starttls"))
        code, text = client.docmd("MAIL", f"FROM:<{ALICE}>")
        self.assertEqual(code, 530, text)

    def test_every_user_logs_in(self):
        for address in (ALICE, CAROL, BOB):
            for mechanism in ("auth_plain", "auth_login"):
                with self.subTest(address=address, mechanism=mechanism):
                    client = self.connect(address, login=False)
                    client.ehlo()
                    client.user, client.password = address, self.server.password(address)
                    code, text = client.auth(mechanism[5:].upper(), getattr(client, mechanism))
                    self.assertEqual((code, text[:5]), (235, b"2.7.0"))

    def test_wrong_password(self):
        client = self.connect(login=False)
        client.ehlo()
        with self.assertRaises(smtplib.SMTPAuthenticationError) as caught:
            client.login(ALICE, "wrong")
        self.assertEqual(caught.exception.smtp_code, 535)
        self.assertTrue(caught.exception.smtp_error.startswith(b"5.7.8"), caught.exception.smtp_error)

    def test_sender_must_be_the_login(self):
        client = self.connect()
        code, text = client.mail(CAROL)
        self.assertEqual(code, 553, text)

    def test_no_open_relay(self):
        client = self.connect_mx()
        client.ehlo()
        self.assertEqual(client.mail("anybody@elsewhere.example")[0], 250)
        for recipient in (ALICE, "someone@nowhere.example", "user%acme.example@globex.example", '"x@acme.example"@globex.example'):
            code, text = client.rcpt(recipient)
            self.assertEqual(code, 550, (recipient, text))
        self.assertEqual(client.rcpt(BOB)[0], 250)
        self.assertEqual(client.docmd("RCPT", "TO:<Postmaster>")[0], 250)

    def test_messages_arrive_unchanged(self):
        sent = samples.samples(ALICE, BOB, "smtplib")
        client = self.connect()
        for octets in sent.values():
            self.assertEqual(client.sendmail(ALICE, [BOB], octets, mail_options=["BODY=8BITMIME"]), {})
        client.quit()
        for token, octets in sent.items():
            stored = self.server.wait_mail(BOB, f"Message-ID: <{token}@")
            self.assertIsNone(samples.difference(octets, stored), token)

    def test_local_and_remote_recipients(self):
        client = self.connect()
        text = samples.header("many", ALICE, BOB) + "\r\nhi\r\n"
        refused = client.sendmail(ALICE, [CAROL, BOB, DAVE, ALICE, "nobody@acme.example"], text)
        self.assertEqual(list(refused), ["nobody@acme.example"])
        self.assertEqual(refused["nobody@acme.example"][0], 550)
        for address in (CAROL, BOB, DAVE, ALICE):
            stored = self.server.wait_mail(address, "<many@")
            self.assertIn(b"Return-Path: <alice@acme.example>\r\n", stored)
            self.assertEqual(sum(b"<many@" in octets for octets in self.server.messages(address).values()), 1)

    def test_unknown_user_comes_back(self):
        for recipient in ("nobody@globex.example", "someone@nowhere.example"):
            with self.subTest(recipient):
                token = "bounce-" + recipient.split("@")[1]
                client = self.connect()
                client.sendmail(ALICE, [recipient], samples.header(token, ALICE, recipient) + "\r\noriginal text\r\n")
                client.quit()
                report = samples.parse(self.server.wait_mail(ALICE, f"<{token}@"))
                self.assertEqual(report.get_content_type(), "multipart/report")
                self.assertEqual(report.get_param("report-type"), "delivery-status")
                self.assertEqual(report["Return-Path"], "<>")
                self.assertTrue(report["Auto-Submitted"].startswith("auto-replied"), report["Auto-Submitted"])
                kinds = [part.get_content_type() for part in report.iter_parts()]
                self.assertEqual(kinds[:2], ["text/plain", "message/delivery-status"])
                self.assertIn(kinds[2], ("message/rfc822", "text/rfc822-headers"))
                about_message, about_recipient = list(report.iter_parts())[1].get_payload()
                self.assertTrue(about_message["Reporting-MTA"].startswith("dns;"))
                self.assertEqual(about_recipient["Action"], "failed")
                self.assertEqual(about_recipient["Final-Recipient"].replace(" ", ""), "rfc822;" + recipient)
                expected = "5.1.1" if "globex" in recipient else "5.1.2"
                self.assertEqual(about_recipient["Status"].split()[0], expected)
                if "globex" in recipient:
                    self.assertTrue(about_recipient["Diagnostic-Code"].startswith("smtp; 550"), about_recipient["Diagnostic-Code"])
                    self.assertIn("globex.example", about_recipient["Remote-MTA"])

    def test_dialogue(self):
        client = self.connect_mx()
        self.assertEqual(client.helo()[0], 250)
        self.assertEqual(client.noop()[0], 250)
        self.assertEqual(client.docmd("VRFY", "bob")[0], 252)
        self.assertIn(client.docmd("EXPN", "staff")[0], (252, 502, 550))
        self.assertEqual(client.docmd("HELP")[0], 214)
        self.assertIn(client.docmd("XYZZY")[0], (500, 502))
        self.assertEqual(client.docmd("RCPT", f"TO:<{BOB}>")[0], 503)
        self.assertEqual(client.docmd("DATA")[0], 503)
        self.assertEqual(client.docmd("MAIL", "FROM:bob@")[0], 501)
        self.assertEqual(client.docmd("MAIL", "FROM:<>")[0], 250)
        self.assertEqual(client.docmd("MAIL", "FROM:<>")[0], 503)
        self.assertEqual(client.docmd("DATA")[0] // 100, 5)
        self.assertEqual(client.rset()[0], 250)
        client.ehlo()
        self.assertEqual(client.docmd("MAIL", "FROM:<a@b.example> SIZE=999999999")[0], 552)
        self.assertEqual(client.docmd("MAIL", "FROM:<a@b.example> COLOUR=blue")[0], 555)
        self.assertEqual(client.quit()[0], 221)

    def test_pipelining(self):
        with socket.create_connection(self.server.endpoint("globex.example", "smtp"), 10) as wire:
            reader = wire.makefile("rb")
            self.assertTrue(reader.readline().startswith(b"220 "))
            wire.sendall(b"EHLO client.example\r\n")
            while not reader.readline().startswith(b"250 "):
                pass
            wire.sendall(b"MAIL FROM:<x@client.example>\r\nRCPT TO:<bob@globex.example>\r\nRCPT TO:<nobody@globex.example>\r\nDATA\r\n")
            self.assertEqual([reader.readline()[:3] for _ in range(4)], [b"250", b"250", b"550", b"354"])
            wire.sendall(b"Subject: pipelined-1\r\n\r\none\r\n.\r\nMAIL FROM:<x@client.example>\r\nRCPT TO:<bob@globex.example>\r\nDATA\r\n")
            self.assertEqual([reader.readline()[:3] for _ in range(4)], [b"250", b"250", b"250", b"354"])
            wire.sendall(b"Subject: pipelined-2\r\n\r\ntwo\r\n.\r\nQUIT\r\n")
            self.assertEqual([reader.readline()[:3] for _ in range(2)], [b"250", b"221"])
            self.assertEqual(reader.read(), b"")
        self.server.wait_mail(BOB, "pipelined-1")
        self.server.wait_mail(BOB, "pipelined-2")

    def test_nothing_pipelined_survives_starttls(self):
        """RFC 3207 section 4.2, and what CVE-2011-0411 was about."""
        with socket.create_connection(self.server.endpoint("acme.example", "submission"), 10) as wire:
            reader = wire.makefile("rb", buffering=0)
            reader.readline()
            wire.sendall(b"EHLO c.example\r\n")
            while not reader.readline().startswith(b"250 "):
                pass
            wire.sendall(b"STARTTLS\r\nEHLO injected.example\r\n")
            with self.assertRaises(ConnectionResetError):
                reader.readline()

    def test_size(self):
        client = self.connect_mx()
        client.ehlo()
        limit = int(client.esmtp_features["size"])
        self.assertEqual(client.docmd("MAIL", f"FROM:<x@client.example> SIZE={limit + 1}")[0], 552)
        if "--direct" not in self.server.options:
            return  # the simulated link is too slow for what follows
        line = b"0123456789abcdef" * 4 + b"\r\n"
        big = samples.header("big", "x@client.example", BOB).encode() + b"\r\n" + line * 100_000
        self.assertEqual(client.sendmail("x@client.example", [BOB], big), {})
        self.assertIsNone(samples.difference(big, self.server.wait_mail(BOB, "<big@")))
        # Told nothing, the server counts; the session goes on.
        client.docmd("MAIL", "FROM:<x@client.example>")
        client.rcpt(BOB)
        code, text = client.data(line * (limit // len(line) + 10))
        self.assertEqual(code, 552, text)
        self.assertEqual(client.noop()[0], 250)
        client.quit()

    def test_loop_is_cut(self):
        client = self.connect_mx()
        looped = "".join(f"Received: from h{i}.example by h{i + 1}.example; Sat, 21 Nov 2026 10:00:00 +0000\r\n" for i in range(120))
        with self.assertRaises(smtplib.SMTPDataError) as caught:
            client.sendmail("x@client.example", [BOB], looped + samples.header("loop", "x@client.example", BOB) + "\r\nhi\r\n")
        self.assertEqual(caught.exception.smtp_code, 554)


if __name__ == "__main__":
    harness.main()
