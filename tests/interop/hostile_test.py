"""Clients that are broken, slow, many or hostile: the server goes on and serves the others."""
import contextlib
import random
import smtplib
import socket
import time
import unittest

import harness
import samples

ALICE, BOB = "alice@acme.example", "bob@globex.example"


class Wire:
    """A raw SMTP dialogue in the clear."""

    def __init__(self, server, domain="globex.example", service="smtp"):
        self.socket = socket.create_connection(server.endpoint(domain, service), 10)
        self.reader = self.socket.makefile("rb")

    def send(self, octets):
        self.socket.sendall(octets)

    def reply(self):
        """Code and text of one reply; (0, ...) at the end of the connection."""
        text = b""
        while True:
            try:
                line = self.reader.readline()
            except ConnectionResetError:
                line = b""
            text += line
            if not line:
                return 0, text
            if line[3:4] != b"-":
                return int(line[:3]), text

    def begin(self, recipient=BOB):
        """Up to 354."""
        codes = [self.reply()[0]]
        for line in ("EHLO client.example", "MAIL FROM:<x@client.example>", f"RCPT TO:<{recipient}>", "DATA"):
            self.send(line.encode() + b"\r\n")
            codes.append(self.reply()[0])
        assert codes == [220, 250, 250, 250, 354], codes

    def close(self):
        self.reader.close()
        self.socket.close()


@harness.both_ways
class Hostile:
    def wire(self, *arguments):
        wire = Wire(self.server, *arguments)
        self.addCleanup(wire.close)
        return wire

    def tearDown(self):
        self.assertTrue(self.server.alive(), self.server.log)
        client = smtplib.SMTP(*self.server.endpoint("globex.example", "smtp"), local_hostname="c.example", timeout=10)
        self.assertEqual(client.ehlo()[0], 250)
        client.quit()

    def arrived(self, *tokens):
        """Waits for a message sent last, then tells which of the tokens are the subject of a message of its own."""
        end = f"end-{random.random()}"
        client = smtplib.SMTP(*self.server.endpoint("globex.example", "smtp"), local_hostname="c.example", timeout=10)
        client.sendmail("x@client.example", [BOB], f"Subject: {end}\r\n\r\nx\r\n")
        client.quit()
        self.server.wait_mail(BOB, end)
        subjects = [samples.parse(octets)["Subject"] for octets in self.server.messages(BOB).values()]
        return [token for token in tokens if token in subjects]

    def test_smuggling(self):
        """CVE-2023-51764 and its kin: only CR LF . CR LF ends the content."""
        ends = {"lf": b"\n.\n", "lf-crlf": b"\n.\r\n", "crlf-lf": b"\r\n.\n", "cr": b"\r.\r", "cr-crlf": b"\r.\r\n", "crlf-cr": b"\r\n.\r",
                "nul": b"\r\n\0.\r\n", "nul-2": b"\r\n.\0\r\n", "blank": b"\r\n. \r\n", "crcrlf": b"\r\r\n.\r\r\n", "lfcr": b"\n\r.\n\r"}
        for name, end in ends.items():
            with self.subTest(name):
                wire = self.wire()
                wire.begin()
                wire.send(f"Subject: outer-{name}\r\n\r\nfirst".encode() + end
                          + f"MAIL FROM:<admin@globex.example>\r\nRCPT TO:<{BOB}>\r\nDATA\r\nSubject: smuggled-{name}\r\n\r\nsecond\r\n.\r\n".encode())
                code, text = wire.reply()
                wire.send(b"QUIT\r\n")
                following = wire.reply()
                if code == 250:  # taken as one message
                    self.assertEqual(following[0], 221, following)
                else:
                    self.assertIn(code, (0, 421, 500, 521, 550, 554), text)
        self.assertEqual(self.arrived(*(f"smuggled-{name}" for name in ends)), [])

    def test_bare_line_ends_in_commands(self):
        wire = self.wire()
        wire.reply()
        wire.send(b"EHLO client.example\n")
        with contextlib.suppress(socket.timeout):
            wire.socket.settimeout(2)
            self.assertIn(wire.reply()[0], (0, 250, 421, 500, 501, 554))

    def test_long_lines(self):
        wire = self.wire()
        wire.reply()
        wire.send(b"EHLO " + b"a" * 50_000 + b"\r\n")
        self.assertIn(wire.reply()[0], (500, 501))
        wire.send(b"EHLO client.example\r\n")
        self.assertEqual(wire.reply()[0], 250)
        wire.send(b"MAIL FROM:<" + b"a" * 400 + b"@client.example>\r\n")
        self.assertIn(wire.reply()[0] // 100, (5,))
        wire = self.wire()
        wire.begin()
        wire.send(b"Subject: long-line\r\n\r\n" + b"y" * 200_000 + b"\r\n.\r\n")
        code, text = wire.reply()
        self.assertIn(code, (250, 500, 552, 554), text)
        wire.send(b"NOOP\r\n")
        self.assertEqual(wire.reply()[0], 250)
        for service, domain in (("imap", "globex.example"), ("pop3", "globex.example")):
            other = self.wire(domain, service)
            other.reader.readline()
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                other.send(b"a" * 1_000_000 + b"\r\n")
                other.socket.settimeout(10)
                self.assertRegex(other.reader.readline(), rb"^(\* BAD|\* BYE|a+ BAD|-ERR|$)")

    def test_endless_input(self):
        """Octets without any line end, until the server has had enough or all are through."""
        pieces = 320 if "--direct" in self.server.options else 32  # the simulated link is as slow as a real one
        for service in ("smtp", "imap", "pop3", "submissions", "imaps"):
            with self.subTest(service):
                wire = self.wire("globex.example", service)
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    for _ in range(pieces):
                        wire.send(b"\x16\x03\x01" + b"Z" * 65_533)
        with open(f"/proc/{self.server.child.pid}/status", encoding="ascii") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        self.assertLess(resident, 300_000, "KiB resident")

    def test_garbage(self):
        draw = random.Random(4)
        for service in ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s"):
            for _ in range(4):
                wire = self.wire("globex.example", service)
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    for _ in range(5):
                        wire.send(draw.randbytes(draw.randrange(1, 3000)))
                wire.close()
        dns = self.server.settings["dns"]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            for _ in range(200):
                udp.sendto(draw.randbytes(draw.randrange(0, 600)), (dns["host"], dns["port"]))
        with socket.create_connection((dns["host"], dns["port"]), 10) as tcp:
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                tcp.sendall(draw.randbytes(70_000))

    def test_half_open(self):
        """Clients that say nothing, or nothing more, and stay: they are in nobody's way."""
        wires = [self.wire("globex.example", service) for service in ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s")]
        for wire in wires[:1]:
            wire.send(b"EHLO client.exam")
        for wire in wires[2:3]:
            wire.send(b"\x16\x03\x01\x02\x00")
        self.assertEqual(self.arrived("none"), [])

    def test_200_connections(self):
        wires = [self.wire() for _ in range(200)]
        for wire in wires:
            self.assertEqual(wire.reply()[0], 220)
        for number, wire in enumerate(wires):
            wire.send(f"EHLO c{number}.example\r\nMAIL FROM:<x@client.example>\r\nRCPT TO:<{BOB}>\r\nDATA\r\n".encode())
        for wire in wires:
            self.assertEqual([wire.reply()[0] for _ in range(4)], [250, 250, 250, 354])
        for number, wire in enumerate(wires):
            wire.send(f"Subject: parallel-{number}\r\n\r\nx\r\n.\r\nQUIT\r\n".encode())
        for wire in wires:
            self.assertEqual([wire.reply()[0] for _ in range(2)], [250, 221])
        self.assertEqual(len(self.arrived(*(f"parallel-{number}" for number in range(200)))), 200)

    def test_client_that_leaves_during_data(self):
        for reset in (False, True):
            wire = self.wire()
            wire.begin()
            wire.send(b"Subject: cut-off\r\n\r\nhalf a mess")
            if reset:
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            else:
                wire.socket.shutdown(socket.SHUT_WR)
                self.assertIn(wire.reply()[0], (0, 421, 451, 500), "no 250 without the end of data")
            wire.close()
        self.assertEqual(self.arrived("cut-off"), [])

    def test_slow_client(self):
        wire = self.wire()
        wire.begin()
        for octet in b"Subject: drop by drop\r\n\r\n.":
            wire.send(bytes([octet]))
            time.sleep(0.01)
        for piece in (b".", b"\r", b"\n", b".", b"\r", b"\n"):
            wire.send(piece)
            time.sleep(0.05)
        self.assertEqual(wire.reply()[0], 250)
        self.assertEqual(self.arrived("drop by drop"), ["drop by drop"])

    def test_reader_that_does_not_read(self):
        """A client that asks for much and reads nothing must not fill the server's memory."""
        with self.server.imap(BOB) as client:
            client.append("INBOX", None, None, b"Subject: big\r\n\r\n" + b"0123456789abcdef" * 4 * 15_000 + b"\r\n")
        raw = self.server.context().wrap_socket(socket.create_connection(self.server.endpoint("globex.example", "imaps"), 10),
                                                server_hostname="127.0.0.1")
        self.addCleanup(raw.close)
        raw.settimeout(3)
        raw.sendall(f"a LOGIN {BOB} {self.server.password(BOB)}\r\nb SELECT INBOX\r\n".encode())
        with contextlib.suppress(socket.timeout, ConnectionError):
            for _ in range(200):
                raw.sendall(b"c FETCH * BODY.PEEK[]\r\n")
        time.sleep(0.5)
        with open(f"/proc/{self.server.child.pid}/status", encoding="ascii") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        self.assertLess(resident, 300_000, "KiB resident")

    def test_guessing_passwords(self):
        client = smtplib.SMTP_SSL("127.0.0.1", self.server.port(ALICE, "submissions"), context=self.server.context(), timeout=15)
        self.addCleanup(client.close)
        client.ehlo()
        codes = []
        for _ in range(8):
            try:
                codes.append(client.docmd("AUTH", "PLAIN AGFsaWNlQGFjbWUuZXhhbXBsZQB3cm9uZw==")[0])
            except smtplib.SMTPServerDisconnected:
                break
        self.assertLess(len(codes), 8, codes)
        self.assertEqual(codes[0], 535)


if __name__ == "__main__":
    harness.main()
