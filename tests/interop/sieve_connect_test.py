"""sieve-connect keeps scripts over ManageSieve: STARTTLS, each mechanism that it has, upload, list, activate,
download, check and delete; and the active script filters what SMTP brings."""
import imaplib
import pathlib
import shutil
import smtplib
import tempfile
import unittest

import harness
import sasl_test

harness.needs("sieve-connect")

BOB = sasl_test.BOB
SCRIPT = b"""require ["fileinto", "mailbox", "variables", "editheader", "relational", "comparator-i;ascii-numeric"];\r
# Gr\xc3\xbc\xc3\x9fe: every octet comes back.\r
if header :matches "Subject" "[*] *" {\r
  addheader "X-List" "${1}";\r
  fileinto :create "lists/${1}";\r
}\r
"""


class SieveConnect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.path = sasl_test.scenario()
        cls.server = harness.Server("--direct", scenario=cls.path)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-sieve-"))

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.path.parent)
        shutil.rmtree(cls.folder)

    def connect(self, *arguments, mechanism=None, password=None, fails=False):
        mechanisms = ["--authmech", mechanism] if mechanism else []
        done = harness.run(["sieve-connect", "--server", "localhost", "--port", self.server.port(BOB, "sieve"), "--4", "--noclearchan",
                            "--tlscafile", self.server.ca, "--user", BOB, "--passwordfd", "0", *mechanisms, *arguments],
                           data=(password or self.server.password(BOB)).encode() + b"\n")
        self.assertEqual(done.returncode != 0, fails, done.text)
        return done.text

    def test_mechanisms(self):
        for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5"):
            with self.subTest(mechanism=mechanism):
                self.connect("--list", mechanism=mechanism)
                self.connect("--list", mechanism=mechanism, password="wrong", fails=True)

    def test_scripts(self):
        mine, bad, back = self.folder / "mine.sieve", self.folder / "bad.sieve", self.folder / "back.sieve"
        mine.write_bytes(SCRIPT)
        bad.write_bytes(b'keep;\r\nfrobnicate;\r\n')
        self.connect("--upload", "--localsieve", mine, "--remotesieve", "mine")
        self.connect("--upload", "--localsieve", mine, "--remotesieve", "other name")
        self.assertIn("line 2, column 1", self.connect("--upload", "--localsieve", bad, "--remotesieve", "mine", fails=True))
        self.connect("--checkscript", "--localsieve", mine)
        self.connect("--checkscript", "--localsieve", bad, fails=True)
        self.connect("--activate", "--remotesieve", "mine")
        self.assertRegex(self.connect("--list"), r'"mine" ACTIVE')
        self.connect("--download", "--remotesieve", "mine", "--localsieve", back)
        self.assertEqual(back.read_bytes(), SCRIPT)
        self.connect("--delete", "--remotesieve", "mine", fails=True)
        self.connect("--delete", "--remotesieve", "other name")

        with smtplib.SMTP("127.0.0.1", self.server.port(BOB, "smtp")) as smtp:
            smtp.sendmail("list@acme.example", [BOB], b"From: list@acme.example\r\nTo: bob@globex.example\r\n"
                          b"Subject: [acme-users] version 1.0 is out\r\n\r\nBody\r\n")
        with imaplib.IMAP4_SSL("127.0.0.1", self.server.port(BOB, "imaps"), ssl_context=self.server.context()) as imap:
            imap.login(BOB, self.server.password(BOB))
            self.assertEqual(imap.select("lists/acme-users", readonly=True), ("OK", [b"1"]))
            header = imap.fetch("1", "(BODY[HEADER.FIELDS (X-LIST)])")[1][0][1]
            self.assertEqual(header, b"X-List: acme-users\r\n\r\n")
        self.connect("--deactivate")
        self.connect("--delete", "--remotesieve", "mine")
        self.assertNotIn("mine", self.connect("--list").replace("mine.sieve", ""))


if __name__ == "__main__":
    harness.main()
