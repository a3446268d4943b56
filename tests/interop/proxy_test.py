"""Clients behind a proxy (PROXY protocol, versions 1 and 2): swaks, curl and plain sockets announce an address,
and the server takes it for the client's. The proxy is at 127.0.0.9; others speak as ever."""
import contextlib
import re
import smtplib
import socket
import struct
import unittest

import harness

harness.needs("swaks", "curl")

ALICE, BOB = "alice@acme.example", "bob@globex.example"
PROXY, CLIENT, CLIENT6 = "127.0.0.9", "203.0.113.7", "2001:db8::7"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def block(client, port=4000, more=b"", command=0x21):
    """A version 2 header for IPv4."""
    ends = socket.inet_aton(client) + socket.inet_aton("198.51.100.25") + struct.pack(">2H", port, 25) + more
    return SIGNATURE + bytes([command, 0x11]) + struct.pack(">H", len(ends)) + ends


def crc32c(octets):
    total = 0xffffffff
    for octet in octets:
        total ^= octet
        for _ in range(8):
            total = total >> 1 ^ (0x82f63b78 if total & 1 else 0)
    return total ^ 0xffffffff


@harness.both_ways
class Proxy:
    options = ["--proxy-from", PROXY, "--proxy-from", "2001:db8::/32"]

    def connect(self, domain, service, source=PROXY, header=b""):
        wire = socket.create_connection(self.server.endpoint(domain, service), 20, source_address=(source, 0))
        self.addCleanup(wire.close)
        wire.sendall(header)
        return wire

    def line(self, wire):
        text = b""
        with contextlib.suppress(ConnectionResetError):
            while not text.endswith(b"\n"):
                octet = wire.recv(1)
                if not octet:
                    break
                text += octet
        return text

    def received_from(self, token):
        """The address that the topmost Received field of a message says."""
        text = self.server.wait_mail(BOB, token).decode()
        return re.search(r"^Received: from [^(]*\(\[?([^\])]*)", text, re.M)[1].removeprefix("IPv6:")

    def send(self, wire, token):
        """A message over a connection that begins with its header."""
        smtp = smtplib.SMTP(timeout=20, local_hostname="client.example")
        smtp.sock, smtp.file = wire, None
        self.assertEqual(smtp.getreply()[0], 220)
        smtp.sendmail("x@client.example", [BOB], f"Subject: {token}\r\n\r\nhi\r\n")
        smtp.quit()

    def test_swaks(self):
        for version, family, client in ((1, "TCP4", CLIENT), (1, "TCP6", CLIENT6), (2, "AF_INET", CLIENT), (2, "AF_INET6", CLIENT6)):
            with self.subTest(version=version, family=family):
                token = f"swaks-{version}-{family}"
                host, port = self.server.endpoint("globex.example", "smtp")
                more = ["--proxy-command", "PROXY", "--proxy-protocol", "STREAM"] if version == 2 else []
                done = harness.run(["swaks", "--local-interface", PROXY, "--server", host, "--port", port, "--ehlo", "client.example", "--from", "x@client.example",
                                    "--to", BOB, "--header", f"Subject: {token}", "--proxy-version", version, "--proxy-family", family,
                                    "--proxy-source", client, "--proxy-source-port", 4000, "--proxy-dest", client,
                                    "--proxy-dest-port", 25, *more])
                self.assertEqual(done.returncode, 0, done.text)
                self.assertEqual(self.received_from(token), client)

    def test_swaks_before_tls(self):
        host, port = self.server.endpoint("acme.example", "submissions")
        done = harness.run(["swaks", "--local-interface", PROXY, "--server", host, "--port", port, "--tls-on-connect", "--tls-verify", "--tls-ca-path", self.server.ca,
                            "--from", ALICE, "--to", BOB, "--auth", "PLAIN", "--auth-user", ALICE, "--auth-password", self.server.password(ALICE),
                            "--header", "Subject: swaks-tls", "--proxy-version", "1", "--proxy-family", "TCP4", "--proxy-source", CLIENT,
                            "--proxy-source-port", "4000", "--proxy-dest", "198.51.100.25", "--proxy-dest-port", "465"])
        self.assertEqual(done.returncode, 0, done.text)
        self.assertIn(CLIENT.encode(), self.server.wait_mail(BOB, "swaks-tls"))

    def test_curl(self):
        for service, path in (("imap", "INBOX"), ("imaps", "INBOX"), ("pop3", ""), ("pop3s", "")):
            with self.subTest(service):
                host, port = self.server.endpoint("globex.example", service)
                done = harness.run(["curl", "-sS", "--interface", PROXY, "--haproxy-protocol", "--ssl-reqd", "--cacert", self.server.ca, "--max-time", "20",
                                    "-u", f"{BOB}:{self.server.password(BOB)}", f"{service}://{host}:{port}/{path}"])
                self.assertEqual(done.returncode, 0, done.text)
        host, port = self.server.endpoint("globex.example", "smtp")
        done = harness.run(["curl", "-sS", "--interface", PROXY, "--haproxy-protocol", "--max-time", "20", "--mail-from", "x@client.example", "--mail-rcpt", BOB,
                            "-T", "-", f"smtp://{host}:{port}/client.example"], data=b"Subject: curl-proxy\r\n\r\nhi\r\n")
        self.assertEqual(done.returncode, 0, done.text)
        self.assertEqual(self.received_from("curl-proxy"), PROXY)

    def test_version_2(self):
        plain = block(CLIENT)
        self.send(self.connect("globex.example", "smtp", header=plain), "block")
        self.assertEqual(self.received_from("Subject: block\r"), CLIENT)
        # With a name for the proxy, padding, and the checksum of everything.
        more = b"\x05\0\x04abcd" + b"\x04\0\x02\0\0" + b"\x03\0\x04" + bytes(4)
        whole = block(CLIENT, more=more)
        summed = whole[:-4] + struct.pack(">I", crc32c(whole))
        self.assertEqual(crc32c(b"123456789"), 0xe3069283)
        self.send(self.connect("globex.example", "smtp", header=summed), "checksum")
        self.assertEqual(self.received_from("Subject: checksum\r"), CLIENT)
        self.assertEqual(self.line(self.connect("globex.example", "smtp", header=whole)), b"", "a wrong checksum")
        # A health check: the proxy itself.
        self.assertTrue(self.line(self.connect("globex.example", "smtp", header=SIGNATURE + b"\x20\0\0\0")).startswith(b"220 "))

    def test_octet_by_octet(self):
        wire = self.connect("globex.example", "smtp")
        for octet in f"PROXY TCP4 {CLIENT} 198.51.100.25 4000 25\r\n".encode():
            wire.sendall(bytes([octet]))
        self.send(wire, "drops")
        self.assertEqual(self.received_from("Subject: drops\r"), CLIENT)

    def test_before_tls(self):
        header = f"PROXY TCP4 {CLIENT} 198.51.100.25 4000 993\r\n".encode()
        wire = self.server.context().wrap_socket(self.connect("globex.example", "imaps", header=header), server_hostname="127.0.0.1")
        self.addCleanup(wire.close)
        self.assertTrue(self.line(wire).startswith(b"* OK "))

    def test_no_header(self):
        for start in (b"EHLO client.example\r\n", b"PROXY TCP4 300.0.0.1 1.2.3.4 1 2\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
                      b"\x16\x03\x01\x02\x00", SIGNATURE + b"\x31\x11\0\x0c" + bytes(12)):
            with self.subTest(start):
                self.assertEqual(self.line(self.connect("globex.example", "smtp", header=start)), b"")

    def test_who_is_no_proxy(self):
        """From another address the header is what any other garbage is."""
        wire = self.connect("globex.example", "smtp", source="127.0.0.2")
        self.assertTrue(self.line(wire).startswith(b"220 "))
        wire.sendall(f"PROXY TCP4 {CLIENT} 198.51.100.25 4000 25\r\n".encode())
        self.assertTrue(self.line(wire).startswith(b"500 "))


if __name__ == "__main__":
    harness.main()
