"""Messages that mail programs must pass on as they are, and what is wrong with one that was not."""
import base64
import email
import email.policy
import re

ADDED = (b"Return-Path:", b"Received:", b"Delivered-To:", b"Authentication-Results:", b"Received-SPF:", b"DKIM-Signature:",
         b"X-Spam-", b"ARC-")


def header(token, sender, recipient, *more):
    lines = [f"From: {sender}", f"To: {recipient}", f"Subject: {token}", "Date: Sat, 21 Nov 2026 10:00:00 +0000",
             f"Message-ID: <{token}@client.example>", *more]
    return "".join(line + "\r\n" for line in lines)


def samples(sender, recipient, prefix):
    """name -> octets with CRLF line ends."""
    made = {}

    def add(name, body, *more):
        token = f"{prefix}-{name}"
        made[token] = header(token, sender, recipient, *more).encode() + b"\r\n" + body

    add("plain", b"Hello\r\n")
    add("empty-lines", b"\r\n\r\none\r\n\r\n\r\n")
    add("dots", b".\r\n..\r\n...\r\n.leading\r\nmiddle . dot\r\n.\r\n")
    add("blanks", b" leading\r\n\ttab\r\ntrailing  \r\n   \r\n")
    add("from-line", b"From here on\r\n>From there\r\n")
    add("line-998", b"x" * 998 + b"\r\n" + b"." + b"y" * 996 + b"\r\nshort\r\n")
    add("utf-8", "Grüße aus Köln, 日本語, ελληνικά\r\n".encode(), "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")
    add("latin-1", b"Gr\xfc\xdfe, all octets: " + bytes(range(0x80, 0x100)) + b"\r\n", "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=iso-8859-1", "Content-Transfer-Encoding: 8bit")
    add("encoded-subject", b"see the header\r\n", "Comments: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=",
        "X-Folded: one\r\n two\r\n\tthree")
    attachment = bytes(range(256)) * 300
    coded = b"".join(line + b"\r\n" for line in re.findall(rb".{1,76}", base64.b64encode(attachment)))
    add("attachment",
        b"preamble\r\n--=_b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--=_b\r\n"
        b'Content-Type: application/octet-stream; name="all octets.bin"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-Disposition: attachment; filename="all octets.bin"\r\n\r\n' + coded + b"--=_b--\r\nepilogue\r\n",
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="=_b"')
    return made


def difference(sent, stored):
    """None when `stored` is `sent` below added trace fields; else a description."""
    if not stored.endswith(sent):
        at = next((i for i in range(1, min(len(sent), len(stored)) + 1) if sent[-i] != stored[-i]), min(len(sent), len(stored)))
        return f"differs {at} octets before its end: sent ...{sent[-at:][:60]!r}, stored ...{stored[-at:][:60]!r}"
    added = stored[: len(stored) - len(sent)]
    for line in added.split(b"\r\n")[:-1]:
        if not line.startswith((b" ", b"\t")) and not line.startswith(ADDED):
            return f"unexpected field on top: {line!r}"
    return None


def parse(octets):
    return email.message_from_bytes(octets, policy=email.policy.default)
