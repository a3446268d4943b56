"""Lesson switches while a server runs: capabilities vanish, break and come back through the web page's
/faults, and real clients see it at once. Also autoconfig and who is kept out."""
import imaplib
import json
import poplib
import smtplib
import socket
import unittest
import urllib.error
import urllib.request

import harness


def request(web, method, path, body=None, headers=None):
    url = f"http://{web['host']}:{web['port']}{path}"
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} | (headers or {})
    ask = urllib.request.Request(url, data=data, method=method, headers=sent)
    try:
        with urllib.request.urlopen(ask, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def ask_dns(at, name, kind):
    """The response code and the number of answers."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = b"\x12\x34\x01\x00\x00\x01" + bytes(6) + labels + b"\0" + kind.to_bytes(2, "big") + b"\0\1"
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.settimeout(20)
        udp.sendto(query, (at["host"], at["port"]))
        answer = udp.recv(512)
    return answer[3] & 15, int.from_bytes(answer[6:8], "big")


class Switches(unittest.TestCase):
    def test_live(self):
        server = harness.Server()
        self.addCleanup(server.close)
        web = server.settings["web"]
        domain = server.settings["domains"]["acme.example"]

        def switch(what):
            status, text = request(web, "POST", "/faults", {"host": "mail.acme.example"} | what)
            assert status == 201, text
            return json.loads(text)["fault"]

        # IMAP: hidden, then there again.
        imap = imaplib.IMAP4(domain["imap"]["host"], domain["imap"]["port"], timeout=20)
        assert "STARTTLS" in imap.capabilities
        hidden = switch({"capability": {"protocol": "imap", "name": "STARTTLS", "hide": True}})
        assert b"STARTTLS" not in imap.capability()[1][0]
        status, _ = request(web, "DELETE", f"/faults/{hidden}")
        assert status == 200
        assert b"STARTTLS" in imap.capability()[1][0]
        broken = switch({"answer": {"protocol": "imap", "command": "NOOP",
                                    "reply": "NO [UNAVAILABLE] Not now"}})
        assert imap.noop() == ("NO", [b"[UNAVAILABLE] Not now"])
        assert str(broken) in request(web, "GET", "/faults")[1]
        request(web, "DELETE", f"/faults/{broken}")
        assert imap.noop()[0] == "OK"
        imap.logout()

        # SMTP: announced otherwise, and broken.
        switch({"capability": {"name": "SIZE", "announce": "SIZE 7"}})
        switch({"capability": {"name": "8BITMIME", "reply": "451 4.3.0 Only seven bits today"}})
        with smtplib.SMTP(domain["smtp"]["host"], domain["smtp"]["port"], timeout=20) as smtp:
            smtp.ehlo("client.example")
            assert smtp.esmtp_features["size"] == "7", smtp.esmtp_features
            code, text = smtp.docmd("MAIL FROM:<a@client.example> BODY=8BITMIME")
            assert (code, text) == (451, b"4.3.0 Only seven bits today"), (code, text)

        # LMTP is none of SMTP's business.
        switch({"answer": {"protocol": "lmtp", "command": "MAIL", "reply": "451 4.3.0 Not today"}})
        with smtplib.LMTP(domain["lmtp"]["host"], domain["lmtp"]["port"]) as lmtp:
            lmtp.ehlo("client.example")
            assert lmtp.docmd("MAIL FROM:<a@client.example>") == (451, b"4.3.0 Not today")
        with smtplib.SMTP(domain["smtp"]["host"], domain["smtp"]["port"], timeout=20) as smtp:
            smtp.ehlo("client.example")
            assert smtp.docmd("MAIL FROM:<a@client.example>")[0] == 250

        # DNS: a name server that fails for mail exchangers alone, twice.
        mx, address = 15, 1
        switch({"host": "ns1.acme.example",
                "answer": {"protocol": "dns", "command": "MX", "reply": "SERVFAIL", "times": 2}})
        at = domain["authority"]
        assert ask_dns(at, "mail.acme.example", address) == (0, 1)
        assert [ask_dns(at, "acme.example", mx) for _ in range(3)] == [(2, 0), (2, 0), (0, 1)]

        # POP3, for some clients only: these are not.
        switch({"capability": {"protocol": "pop3", "name": "UIDL", "hide": True,
                               "clients": "203.0.113.0/24"}})
        pop = poplib.POP3(domain["pop3"]["host"], domain["pop3"]["port"], timeout=20)
        assert "UIDL" in pop.capa()
        pop.quit()

        # What is wrong is said, and nobody else's page gets in.
        status, text = request(web, "POST", "/faults", {"host": "nowhere", "down": True})
        assert status == 400 and "the world has no host nowhere" in text, text
        status, _ = request(web, "POST", "/faults", {}, {"Content-Type": "text/plain"})
        assert status == 415
        assert request(web, "GET", "/settings.json", headers={"Host": "evil.example"})[0] == 421
        status, xml = request(web, "GET", "/mail/config-v1.1.xml?emailaddress=alice%40acme.example")
        assert status == 200 and f"<port>{domain['imaps']['port']}</port>" in xml, xml


if __name__ == "__main__":
    harness.main()
