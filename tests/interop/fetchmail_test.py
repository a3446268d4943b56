"""fetchmail empties mailboxes over IMAP and POP3 and hands each message to a delivery program."""
import pathlib
import re
import shutil
import tempfile
import unittest

import harness
import samples

harness.needs("fetchmail")

ALICE, CAROL, BOB, DAVE = "alice@acme.example", "carol@acme.example", "bob@globex.example", "dave@globex.example"
FETCHED, NOTHING_NEW, NO_LOGIN = 0, 1, 3  # exit status


@harness.both_ways
class Fetchmail:
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        (self.folder / "mail").mkdir()
        deliver = self.folder / "deliver"
        deliver.write_text(f'#!/bin/sh\nexec cat > "$(mktemp {self.folder}/mail/XXXXXXXX)"\n')
        deliver.chmod(0o700)
        self.server.clear(BOB)

    def fetch(self, service, *options, uidl=False, address=BOB, password=None, expect=FETCHED):
        quoted = re.sub(r'["\\]', lambda found: f"\\x{ord(found[0]):02x}", password or self.server.password(address))
        security = "ssl" if service.endswith("s") else 'sslproto "TLS1.2+"'  # of the second kind: STARTTLS and STLS, or nothing
        configuration = self.folder / "fetchmailrc"
        # The name is compared with the certificate's DNS names only: an address never matches.
        configuration.write_text(f"""
poll localhost service {self.server.port(address, service)} protocol {service[:4].upper()} timeout 20{" uidl" if uidl else ""}
  user "{address}" password "{quoted}" {security} sslcertck sslcertfile "{self.server.ca}" sslcertpath "{self.folder}"
  mda "{self.folder}/deliver" no rewrite {' '.join(options)}
""")
        configuration.chmod(0o600)
        done = harness.run(["fetchmail", "--fetchmailrc", configuration, "--verbose", "--nodetach", "--nosyslog", "--pidfile", self.folder / "pid"],
                           env={"FETCHMAILHOME": str(self.folder), "HOME": str(self.folder)})
        self.assertEqual(done.returncode, expect, done.text)
        return done.text

    def fetched(self):
        """Subject -> octets; takes them away."""
        found = {}
        for file in (self.folder / "mail").iterdir():
            octets = file.read_bytes()
            found[str(samples.parse(octets)["Subject"])] = octets
            file.unlink()
        return found

    def put(self, address, *messages):
        with self.server.imap(address) as client:
            for octets in messages:
                client.append("INBOX", None, None, octets)

    def test_unchanged(self):
        for service in ("imap", "imaps", "pop3", "pop3s"):
            with self.subTest(service):
                sent = samples.samples(ALICE, BOB, f"fetch-{service}")
                self.put(BOB, *sent.values())
                text = self.fetch(service, "fetchall")
                self.assertRegex(text, "TLSv1.3|SSL/TLS: using protocol")
                got = self.fetched()
                self.assertEqual(sorted(got), sorted(sent))
                for token, octets in sent.items():
                    header, body = octets.replace(b"\r\n", b"\n").split(b"\n\n", 1)
                    got_header, got_body = got[token].split(b"\n\n", 1)
                    self.assertEqual(got_body, body, token)
                    self.assertTrue(set(header.split(b"\n")) <= set(got_header.split(b"\n")), token)  # it adds Received and more
                self.assertEqual(self.server.messages(BOB), {}, "taken away from the server")
                self.fetch(service, expect=NOTHING_NEW)

    def test_leave_on_server(self):
        for service in ("imaps", "pop3s"):
            with self.subTest(service):
                self.server.clear(BOB)
                self.put(BOB, samples.header("first", ALICE, BOB).encode() + b"\r\nx\r\n")
                self.fetch(service, "keep", uidl=service == "pop3s")
                self.assertEqual(list(self.fetched()), ["first"])
                self.put(BOB, samples.header("second", ALICE, BOB).encode() + b"\r\nx\r\n")
                self.fetch(service, "keep", uidl=service == "pop3s")
                self.assertEqual(list(self.fetched()), ["second"])
                self.fetch(service, "keep", uidl=service == "pop3s", expect=NOTHING_NEW)
                self.assertEqual(len(self.server.messages(BOB)), 2)

    def test_limit(self):
        """A message over the limit stays where it is: sizes are asked for first."""
        self.put(BOB, samples.header("small", ALICE, BOB).encode() + b"\r\nx\r\n",
                 samples.header("large", ALICE, BOB).encode() + b"\r\n" + b"x" * 70 + b"\r\n" * 2000)
        for service in ("imap", "pop3"):
            with self.subTest(service):
                self.fetch(service, "keep", "fetchall", "limit 2000", expect=FETCHED)
                self.assertEqual(list(self.fetched()), ["small"])

    def test_logins(self):
        for address in (CAROL, DAVE):
            for service in ("imap", "pop3s"):
                with self.subTest(service=service, address=address):
                    self.server.clear(address)
                    self.put(address, samples.header("for-me", ALICE, address).encode() + b"\r\nx\r\n")
                    self.fetch(service, "fetchall", address=address)
                    self.assertEqual(list(self.fetched()), ["for-me"])
        for service in ("imap", "imaps", "pop3", "pop3s"):
            with self.subTest(service=service, password="wrong"):
                self.fetch(service, password="wrong", expect=NO_LOGIN)


if __name__ == "__main__":
    harness.main()
