"""Python's imaplib, and raw dialogues where it has no command: IDLE, two sessions, literals."""
import contextlib
import imaplib
import re
import socket
import ssl
import unittest

import harness
import samples

ALICE, CAROL, BOB = "alice@acme.example", "carol@acme.example", "bob@globex.example"


class Raw:
    """A dialogue over IMAPS as it is on the wire."""

    def __init__(self, server, address):
        self.socket = server.context().wrap_socket(socket.create_connection(("127.0.0.1", server.port(address, "imaps")), 15),
                                                   server_hostname="localhost")
        self.reader = self.socket.makefile("rb")
        self.count = 0
        self.greeting = self.reader.readline()
        self.do("LOGIN %s %s" % (address, server.password(address)))

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def line(self):
        return self.reader.readline()

    def begin(self, command):
        self.count += 1
        self.send(f"r{self.count} {command}\r\n")

    def until_tag(self):
        lines = []
        while True:
            lines.append(self.line())
            if lines[-1].startswith(b"r%d " % self.count) or not lines[-1]:
                return lines

    def do(self, command):
        self.begin(command)
        return self.until_tag()

    def close(self):
        self.reader.close()
        self.socket.close()


@harness.both_ways
class Imap:
    def login(self, address=ALICE, *, service="imaps", host="127.0.0.1", version=None):
        if service == "imaps":
            client = imaplib.IMAP4_SSL(host, self.server.port(address, "imaps"), ssl_context=self.server.context(version), timeout=15)
        else:
            client = imaplib.IMAP4(host, self.server.port(address, "imap"), timeout=15)
            self.assertIn("LOGINDISABLED", client.capabilities)
            client.starttls(self.server.context(version))
            self.assertNotIn("LOGINDISABLED", client.capabilities)
            self.assertNotIn("STARTTLS", client.capabilities)
        self.addCleanup(self.end, client)
        client.login(address, self.server.password(address))
        return client

    @staticmethod
    def end(client):
        with contextlib.suppress(OSError):
            client.shutdown()

    def raw(self, address=ALICE):
        raw = Raw(self.server, address)
        self.addCleanup(raw.close)
        return raw

    def ok(self, answer):
        self.assertEqual(answer[0], "OK", answer)
        return answer[1]

    def new_mailbox(self, client):
        name = self._testMethodName
        self.ok(client.create(name))
        self.ok(client.select(name))
        return name

    def test_hosts_and_versions(self):
        for service in ("imaps", "imap"):
            for host in ("127.0.0.1", "localhost"):
                for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                    with self.subTest(service=service, host=host, version=version):
                        client = self.login(service=service, host=host, version=version)
                        self.assertEqual(client.logout()[0], "BYE")

    def test_login(self):
        self.ok(self.login(CAROL).noop())  # a password with blanks, quotes and backslashes
        client = imaplib.IMAP4("127.0.0.1", self.server.port(ALICE, "imap"), timeout=15)
        self.addCleanup(self.end, client)
        with self.assertRaisesRegex(imaplib.IMAP4.error, "PRIVACYREQUIRED"):
            client.login(ALICE, self.server.password(ALICE))
        client.starttls(self.server.context())
        with self.assertRaisesRegex(imaplib.IMAP4.error, "AUTHENTICATIONFAILED"):
            client.login(ALICE, "wrong")
        self.ok(client.authenticate("PLAIN", lambda _: f"\0{ALICE}\0{self.server.password(ALICE)}".encode()))

    def test_capabilities(self):
        client = self.login()
        kind, data = client.capability()
        names = data[0].decode().split()
        for name in ("IMAP4rev1", "IDLE", "MOVE", "UIDPLUS", "LITERAL+", "NAMESPACE", "UNSELECT", "SPECIAL-USE", "ID", "ENABLE"):
            self.assertIn(name, names)

    def test_mailboxes(self):
        client = self.login()
        for name in ("Projects", "Projects/2026", '"With blanks"', "&AOQ-hnlich"):
            self.ok(client.create(name))
        names = self.ok(client.list())
        for name in (b"Projects", b"Projects/2026", b"With blanks", b"&AOQ-hnlich", b"INBOX"):
            self.assertTrue(any(name in line for line in names), name)
        self.assertEqual(client.create("Projects")[0], "NO")
        self.assertEqual(client.create("INBOX")[0], "NO")
        self.ok(client.rename("Projects", "Archive2"))
        names = self.ok(client.list('""', '"Archive2*"'))
        self.assertEqual(len(names), 2, names)
        self.ok(client.subscribe("Archive2"))
        self.assertTrue(any(b"Archive2" in line for line in self.ok(client.lsub())))
        self.ok(client.unsubscribe("Archive2"))
        self.ok(client.delete("Archive2/2026"))
        self.ok(client.delete("Archive2"))
        self.assertEqual(client.delete("INBOX")[0], "NO")
        self.assertEqual(client.select("Archive2")[0], "NO")
        status = self.ok(client.status("INBOX", "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"))[0]
        self.assertRegex(status.decode(), r"MESSAGES \d+ RECENT \d+ UIDNEXT \d+ UIDVALIDITY \d+ UNSEEN \d+")
        self.ok(client.namespace())

    def test_messages_are_kept_as_they_are(self):
        client = self.login()
        name = self.new_mailbox(client)
        sent = samples.samples(BOB, ALICE, "append")
        for octets in sent.values():
            answer = self.ok(client.append(name, r"(\Seen $Label)", '"17-Jul-2026 02:44:25 -0700"', octets))
            self.assertRegex(answer[0].decode(), r"APPENDUID \d+ \d+")
        self.ok(client.noop())
        for number, octets in enumerate(sent.values(), 1):
            data = self.ok(client.fetch(str(number), "(RFC822.SIZE INTERNALDATE FLAGS BODY.PEEK[])"))
            self.assertEqual(data[0][1], octets)
            about = (data[0][0] + (data[1] if len(data) > 1 else b"")).decode()
            self.assertIn(f"RFC822.SIZE {len(octets)}", about)
            self.assertIn('INTERNALDATE "17-Jul-2026 ', about)
            self.assertIn("$Label", about)
        sizes = {token: len(octets) for token, octets in sent.items()}
        self.assertEqual(len(sizes), len(self.ok(client.search(None, "ALL"))[0].split()))

    def test_fetch(self):
        client = self.login()
        name = self.new_mailbox(client)
        octets = next(o for t, o in samples.samples(BOB, ALICE, "fetch").items() if "attachment" in t)
        self.ok(client.append(name, None, None, octets))
        self.ok(client.noop())
        structure = self.ok(client.fetch("1", "(BODYSTRUCTURE)"))[0].decode()
        self.assertIn('"octet-stream" ("name" "all octets.bin")'.lower(), structure.lower())
        self.assertIn('"mixed" ("boundary" "=_b")', structure.lower())
        envelope = self.ok(client.fetch("1", "(ENVELOPE)"))[0].decode()
        self.assertIn('"Sat, 21 Nov 2026 10:00:00 +0000" "fetch-attachment" ((NIL NIL "bob" "globex.example"))', envelope)
        self.assertIn('"<fetch-attachment@client.example>"', envelope)
        parts = self.ok(client.fetch("1", "(BODY.PEEK[1] BODY.PEEK[2.MIME] BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[TEXT]<0.8>)"))
        found = [part[1] for part in parts if isinstance(part, tuple)]
        self.assertEqual(found[0], b"see below")
        self.assertTrue(found[1].endswith(b"\r\n\r\n") and b"all octets.bin" in found[1])
        self.assertEqual(found[2], b"Subject: fetch-attachment\r\n\r\n")
        self.assertEqual(found[3], b"preamble")
        self.assertNotIn(b"\\Seen", self.ok(client.fetch("1", "(FLAGS)"))[0])
        self.ok(client.fetch("1", "(BODY[2])"))
        self.assertIn(b"\\Seen", self.ok(client.fetch("1", "(FLAGS)"))[0])
        for macro in ("ALL", "FAST", "FULL"):
            self.ok(client.fetch("1", macro))

    def test_search(self):
        client = self.login()
        name = self.new_mailbox(client)
        for token, octets in samples.samples(BOB, ALICE, "search").items():
            self.ok(client.append(name, r"(\Flagged)" if "dots" in token else None, None, octets))
        self.ok(client.noop())

        def count(*criteria, charset=None):
            return len(self.ok(client.search(charset, *criteria))[0].split())

        everything = count("ALL")
        self.assertEqual(count("FLAGGED"), 1)
        self.assertEqual(count("NOT", "FLAGGED"), everything - 1)
        self.assertEqual(count("SUBJECT", '"SEARCH-DOTS"'), 1)
        self.assertEqual(count("OR", "SUBJECT", "search-dots", "SUBJECT", "search-plain"), 2)
        self.assertEqual(count("BODY", '"see below"'), 1)
        self.assertEqual(count("HEADER", "Message-ID", "search-plain"), 1)
        self.assertEqual(count("LARGER", "50000"), 1)
        self.assertEqual(count("SENTON", "21-Nov-2026"), everything)
        self.assertEqual(count("SENTBEFORE", "21-Nov-2026"), 0)
        self.assertEqual(count("FROM", "bob@globex", "TO", "alice"), everything)
        self.assertEqual(count("1:2,4"), 3)
        self.assertEqual(count("UID", "1:*"), everything)
        client.literal = "ελληνικά".encode()
        self.assertEqual(count("TEXT", charset="UTF-8"), 1)
        client.literal = "GRÜSSE AUS".encode()  # no regard to case beyond ASCII either
        self.assertLessEqual(count("SUBJECT", charset="UTF-8"), 1)
        with self.assertRaises(imaplib.IMAP4.error):
            client.search(None, "COLOUR", "blue")
        kind, data = client.search("X-UNKNOWN", "TEXT", "x")
        self.assertEqual(kind, "NO")
        self.assertIn(b"BADCHARSET", data[0])

    def test_flags_copy_move_expunge(self):
        client = self.login()
        name = self.new_mailbox(client)
        self.ok(client.create(name + "-2"))
        for i in range(6):
            self.ok(client.append(name, None, None, samples.header(f"m{i}", BOB, ALICE).encode() + b"\r\nx\r\n"))
        self.ok(client.noop())
        self.ok(client.store("1:3", "+FLAGS", r"(\Answered $Work)"))
        self.ok(client.store("2", "-FLAGS", r"($Work)"))
        self.ok(client.store("3", "FLAGS.SILENT", r"(\Draft)"))
        flags = [imaplib.ParseFlags(line) for line in self.ok(client.fetch("1:3", "(FLAGS)"))]
        flags = [set(f) - {rb"\Recent"} for f in flags]
        self.assertEqual(flags, [{rb"\Answered", b"$Work"}, {rb"\Answered"}, {rb"\Draft"}])
        self.ok(client.copy("1,3", name + "-2"))
        self.assertTrue(client.response("COPYUID")[1][0])
        self.assertEqual(client.copy("1", "no-such-mailbox")[0], "NO")
        self.ok(client._simple_command("MOVE", "6", name + "-2"))
        self.ok(client.noop())
        self.assertEqual(self.ok(client.search(None, "ALL"))[0], b"1 2 3 4 5")
        self.ok(client.store("2,4", "+FLAGS", r"(\Deleted)"))
        uids = self.ok(client.uid("SEARCH", "ALL"))[0].split()
        self.ok(client.uid("EXPUNGE", uids[1].decode()))
        self.assertEqual(len(self.ok(client.search(None, "ALL"))[0].split()), 4)
        self.ok(client.expunge())
        self.assertEqual(len(self.ok(client.search(None, "ALL"))[0].split()), 3)
        self.ok(client.unselect())
        self.ok(client.select(name + "-2", readonly=True))
        self.assertEqual(client.store("1", "+FLAGS", r"(\Seen)")[0], "NO")
        self.assertEqual(len(self.ok(client.search(None, "ALL"))[0].split()), 3)
        self.ok(client.close())

    def test_two_sessions_see_each_other(self):
        one = self.login()
        name = self.new_mailbox(one)
        other = self.raw()
        other.do(f"SELECT {name}")
        self.ok(one.append(name, None, None, b"Subject: x\r\n\r\ny\r\n"))
        self.assertIn(b"* 1 EXISTS\r\n", other.do("NOOP"))
        self.ok(one.noop())
        self.ok(one.store("1", "+FLAGS", r"(\Flagged)"))
        self.assertTrue(any(re.match(rb"\* 1 FETCH \(.*\\Flagged", line) for line in other.do("NOOP")))
        self.ok(one.store("1", "+FLAGS", r"(\Deleted)"))
        self.ok(one.expunge())
        # RFC 3501 section 7.4.1: no EXPUNGE while numbers are in use.
        self.assertNotIn(b"* 1 EXPUNGE\r\n", other.do("FETCH 1 (FLAGS)"))
        self.assertIn(b"* 1 EXPUNGE\r\n", other.do("NOOP"))

    def test_idle(self):
        idle = self.raw(BOB)
        idle.do("SELECT INBOX")
        idle.begin("IDLE")
        self.assertTrue(idle.line().startswith(b"+ "))
        with self.server.imap(BOB) as writer:
            writer.append("INBOX", None, None, b"Subject: idle\r\n\r\nx\r\n")
        self.assertRegex(idle.line(), rb"^\* \d+ EXISTS\r\n$")
        with self.server.imap(BOB, "INBOX") as writer:
            writer.store("1:*", "+FLAGS", r"(\Seen)")
            idle.socket.settimeout(10)
            line = idle.line()
            while b"FETCH" not in line:
                line = idle.line()
        self.assertIn(b"\\Seen", line)
        idle.send("DONE\r\n")
        self.assertTrue(idle.until_tag()[-1].split()[1] == b"OK")
        self.assertIn(b" OK ", idle.do("LOGOUT")[-1])

    def test_pipelining_and_literals(self):
        raw = self.raw()
        name = self._testMethodName
        raw.send(f"a CREATE {name}\r\nb APPEND {name} {{5+}}\r\nhello\r\nc SELECT {name}\r\nd FETCH 1 BODY[]\r\n".encode())
        got = b""
        while b"\r\nd OK" not in got:
            got += raw.line()
        for tag in (b"a OK", b"b OK", b"c OK"):
            self.assertIn(tag, got)
        self.assertIn(b"BODY[] {5}\r\nhello", got)
        raw.send(b"e LOGIN {3}\r\n")  # logged in already: no need to send the literal
        self.assertRegex(raw.line(), rb"^(\+ |e BAD|e NO)")

    def test_bad_input(self):
        raw = self.raw()
        for text in ("x1\r\n", "x2 XYZZY\r\n", "x3 SELECT\r\n", 'x4 SELECT "unclosed\r\n', "x5 FETCH 1 (FLAGS)\r\n", "x6 LIST \"\" %%%(\r\n"):
            raw.send(text)
            self.assertRegex(raw.line(), rb"^(x\d|\*) BAD", text)
        self.assertIn(b" OK ", raw.do("NOOP")[-1])


if __name__ == "__main__":
    harness.main()
