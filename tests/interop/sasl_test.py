"""Ways to log in, each with real clients: GNU SASL's gsasl (SCRAM with and without channel binding,
CRAM-MD5), curl (tokens, CRAM-MD5), swaks (CRAM-MD5), Python's smtplib, imaplib and poplib (CRAM-MD5, APOP,
tokens)."""
import imaplib
import json
import pathlib
import poplib
import shutil
import smtplib
import tempfile
import unittest

import harness

ALICE, BOB = "alice@acme.example", "bob@globex.example"
OLD = ["SCRAM-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "APOP"]


def scenario():
    """The world of all tests, with the old ways to log in."""
    world = json.loads(harness.WORLD.read_text())
    for domain in world["domains"].values():
        domain["moreLogins"] = OLD
    path = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-sasl-")) / "world.json"
    path.write_text(json.dumps(world))
    return path


class Sasl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.path = scenario()
        cls.server = harness.Server("--direct", scenario=cls.path)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.path.parent)

    def token(self, address=BOB):
        users = self.server.settings["domains"][address.split("@")[1]]["users"]
        return next(user["token"] for user in users if user["address"] == address)

    @unittest.skipUnless(shutil.which("gsasl"), "gsasl is not installed")
    def test_gsasl(self):
        for protocol, service in (("--imap", "imap"), ("--smtp", "submission")):
            for mechanism in ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"):
                for right in (True, False):
                    with self.subTest(protocol=protocol, mechanism=mechanism, right=right):
                        done = self.gsasl(protocol, service, mechanism, self.server.password(BOB) if right else "wrong")
                        self.assertEqual(done.returncode == 0, right, done.text)

    def gsasl(self, protocol, service, mechanism, password):
        # Where it could bind the channel it refuses to go without; so it is told not to.
        binding = [] if mechanism.endswith("-PLUS") else ["--no-cb"]
        return harness.run(["gsasl", "--client", *binding, protocol, "--connect", f"localhost:{self.server.port(BOB, service)}",
                            "--x509-ca-file", self.server.ca, "--mechanism", mechanism, "--authentication-id", BOB,
                            "--authorization-id", "", "--password", password, "--quiet"], data=b"")

    def curl(self, scheme, service, *arguments, fails=False):
        done = harness.run(["curl", "--silent", "--show-error", "--max-time", "20", "--cacert", self.server.ca, "--ssl-reqd", *arguments,
                            f"{scheme}://localhost:{self.server.port(BOB, service)}/"])
        self.assertEqual(done.returncode != 0, fails, done.text)

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_curl(self):
        for scheme, service in (("imap", "imap"), ("imaps", "imaps"), ("pop3", "pop3"), ("pop3s", "pop3s")):
            for mechanism in ("OAUTHBEARER", "XOAUTH2"):
                with self.subTest(scheme=scheme, mechanism=mechanism):
                    options = ["--login-options", f"AUTH={mechanism}", "--user", BOB]
                    self.curl(scheme, service, *options, "--oauth2-bearer", self.token())
                    self.curl(scheme, service, *options, "--oauth2-bearer", self.token(), "--sasl-ir")
                    self.curl(scheme, service, *options, "--oauth2-bearer", self.token()[:-2] + "xx", fails=True)
            for mechanism in ("CRAM-MD5", "PLAIN", "LOGIN"):
                with self.subTest(scheme=scheme, mechanism=mechanism):
                    self.curl(scheme, service, "--login-options", f"AUTH={mechanism}", "--user", f"{BOB}:{self.server.password(BOB)}")
        self.curl("pop3", "pop3", "--login-options", "AUTH=+APOP", "--user", f"{BOB}:{self.server.password(BOB)}")

    @unittest.skipUnless(shutil.which("swaks"), "swaks is not installed")
    def test_swaks(self):
        done = harness.run(["swaks", "--server", "127.0.0.1", "--port", self.server.port(ALICE, "submission"), "--tls",
                            "--auth", "CRAM-MD5", "--auth-user", ALICE, "--auth-password", self.server.password(ALICE),
                            "--from", ALICE, "--to", BOB, "--header", "Subject: by CRAM-MD5", "--body", "sasl-swaks"])
        self.assertEqual(done.returncode, 0, done.text)
        self.assertIn("<** 235", done.text.replace("<~  235", "<** 235"))
        self.server.wait_mail(BOB, "sasl-swaks")

    def test_python(self):
        password = self.server.password(BOB)
        with smtplib.SMTP("127.0.0.1", self.server.port(BOB, "submission")) as smtp:
            smtp.starttls(context=self.server.context())
            smtp.ehlo()
            smtp.user, smtp.password = BOB, password
            self.assertEqual(smtp.auth("CRAM-MD5", smtp.auth_cram_md5)[0], 235)
        imap = imaplib.IMAP4_SSL("127.0.0.1", self.server.port(BOB, "imaps"), ssl_context=self.server.context())
        self.assertEqual(imap.login_cram_md5(BOB, password)[0], "OK")
        imap.logout()
        imap = imaplib.IMAP4_SSL("127.0.0.1", self.server.port(BOB, "imaps"), ssl_context=self.server.context())
        bearer = f"n,a={BOB},\1host=localhost\1auth=Bearer {self.token()}\1\1".encode()
        self.assertEqual(imap.authenticate("OAUTHBEARER", lambda _: bearer)[0], "OK")
        imap.logout()
        pop = poplib.POP3("127.0.0.1", self.server.port(BOB, "pop3"))
        pop.apop(BOB, password)
        self.assertIn("UTF8", pop.capa())
        pop.quit()
        pop = poplib.POP3("127.0.0.1", self.server.port(BOB, "pop3"))
        pop.utf8()
        with self.assertRaises(poplib.error_proto):
            pop.apop(BOB, "wrong")
        pop.close()


if __name__ == "__main__":
    harness.main()
