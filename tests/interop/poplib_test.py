"""Python's poplib against the POP3 ports."""
import poplib
import socket
import ssl
import unittest

import harness
import samples

ALICE, CAROL, BOB = "alice@acme.example", "carol@acme.example", "bob@globex.example"


@harness.both_ways
class Pop3:
    def connect(self, address=BOB, *, service="pop3s", host="127.0.0.1", version=None, login=True):
        context = self.server.context(version)
        if service == "pop3s":
            client = poplib.POP3_SSL(host, self.server.port(address, "pop3s"), context=context, timeout=15)
        else:
            client = poplib.POP3(host, self.server.port(address, "pop3"), timeout=15)
            self.assertIn("STLS", client.capa())
            client.stls(context)
            self.assertNotIn("STLS", client.capa())
        self.addCleanup(client.close)
        if login:
            client.user(address)
            client.pass_(self.server.password(address))
        return client

    def fill(self, address, *messages):
        with self.server.imap(address) as client:
            for octets in messages:
                client.append("INBOX", None, None, octets)

    def setUp(self):
        self.server.clear(BOB)

    def test_hosts_and_versions(self):
        for service in ("pop3s", "pop3"):
            for host in ("127.0.0.1", "localhost"):
                for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                    with self.subTest(service=service, host=host, version=version):
                        client = self.connect(service=service, host=host, version=version)
                        self.assertEqual(client.stat(), (0, 0))
                        self.assertTrue(client.quit().startswith(b"+OK"))

    def test_login(self):
        plain = poplib.POP3("127.0.0.1", self.server.port(BOB, "pop3"), timeout=15)
        self.addCleanup(plain.close)
        with self.assertRaises(poplib.error_proto):
            plain.user(BOB)
            plain.pass_(self.server.password(BOB))
        client = self.connect(login=False)
        for command in ("STAT", "LIST", "RETR 1", "XYZZY"):
            with self.assertRaises(poplib.error_proto):
                client._shortcmd(command)
        with self.assertRaises(poplib.error_proto) as caught:
            client.user(BOB)
            client.pass_("wrong")
        self.assertIn(b"-ERR", caught.exception.args[0])
        carol = self.connect(CAROL)
        self.assertGreaterEqual(carol.stat()[0], 0)

    def test_capabilities(self):
        names = self.connect().capa()
        for name in ("TOP", "UIDL", "PIPELINING", "RESP-CODES", "SASL", "USER"):
            self.assertIn(name, names)

    def test_messages_are_kept_as_they_are(self):
        sent = samples.samples(ALICE, BOB, "pop")
        self.fill(BOB, *sent.values())
        client = self.connect()
        client._maxline = 4096
        self.assertEqual(client.stat(), (len(sent), sum(map(len, sent.values()))))
        sizes = [int(line.split()[1]) for line in client.list()[1]]
        self.assertEqual(sizes, [len(octets) for octets in sent.values()])
        for number, octets in enumerate(sent.values(), 1):
            lines = client.retr(number)[1]
            self.assertEqual(b"".join(line + b"\r\n" for line in lines), octets)
            self.assertEqual(int(client.list(number).split()[2]), len(octets))
        head, lines = next(iter(sent.values())).split(b"\r\n\r\n", 1)[0], client.top(1, 0)[1]
        self.assertEqual(b"\r\n".join(lines).rstrip(b"\r\n"), head)

    def test_delete(self):
        self.fill(BOB, *(samples.header(f"d{i}", ALICE, BOB).encode() + b"\r\nx\r\n" for i in range(4)))
        client = self.connect()
        uidl = dict(line.split() for line in client.uidl()[1])
        self.assertEqual(len(set(uidl.values())), 4)
        client.dele(1)
        client.dele(3)
        with self.assertRaises(poplib.error_proto):
            client.retr(1)
        self.assertEqual(client.stat()[0], 2)
        client.rset()
        self.assertEqual(client.stat()[0], 4)
        client.dele(2)
        client.close()  # without QUIT nothing goes: RFC 1939 section 6
        client = harness.wait_for(self.try_login, 10, "the maildrop to be free again")
        self.assertEqual(dict(line.split() for line in client.uidl()[1]), uidl)
        client.dele(2)
        client.quit()
        after = dict(line.split() for line in self.connect().uidl()[1])
        self.assertEqual(sorted(after.values()), sorted(value for number, value in uidl.items() if number != b"2"))
        self.assertEqual(len(self.server.messages(BOB)), 3)

    def try_login(self):
        try:
            return self.connect()
        except poplib.error_proto:
            return None

    def test_numbers(self):
        client = self.connect()
        for command in ("RETR 0", "RETR 1", "RETR -1", "RETR x", "DELE 99999999999999999999", "TOP 1", "LIST 1 2", "UIDL 5"):
            with self.assertRaises(poplib.error_proto):
                client._shortcmd(command)
        self.assertTrue(client.noop().startswith(b"+OK"))

    def test_pipelining(self):
        self.fill(BOB, samples.header("p", ALICE, BOB).encode() + b"\r\nx\r\n")
        plain = socket.create_connection(("127.0.0.1", self.server.port(BOB, "pop3s")), 15)
        with self.server.context().wrap_socket(plain, server_hostname="127.0.0.1") as wire, wire.makefile("rb") as reader:
            reader.readline()
            wire.sendall(f"USER {BOB}\r\nPASS {self.server.password(BOB)}\r\nSTAT\r\nRETR 1\r\nQUIT\r\n".encode())
            answers = reader.read()
        self.assertEqual(answers.count(b"+OK"), 5, answers)
        self.assertIn(b"\r\n.\r\n+OK", answers)


if __name__ == "__main__":
    harness.main()
