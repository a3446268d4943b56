"""openssl s_client against every TLS and STARTTLS port: the chain and the name are right, old versions
are refused."""
import re
import unittest
import urllib.request

import harness

harness.needs("openssl")

SERVICES = {"smtp": "smtp", "submission": "smtp", "submissions": None, "imap": "imap", "imaps": None, "pop3": "pop3", "pop3s": None}


@harness.both_ways
class Tls:
    def s_client(self, domain, service, *more):
        host, port = self.server.endpoint(domain, service)
        starttls = ["-starttls", SERVICES[service]] if SERVICES[service] else []
        return harness.run(["openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", self.server.ca, "-verify_return_error",
                            *starttls, *more], data=b"")

    def test_every_port(self):
        for domain in self.server.settings["domains"]:
            for service in SERVICES:
                for name in (["-verify_ip", "127.0.0.1"], ["-verify_hostname", "localhost", "-servername", "localhost"]):
                    with self.subTest(domain=domain, service=service, name=name[1]):
                        done = self.s_client(domain, service, *name)
                        self.assertIn("Verify return code: 0 (ok)", done.text)
                        self.assertIn("TLSv1.3", done.text)

    def test_the_hosts_own_name(self):
        done = self.s_client("acme.example", "submissions", "-verify_hostname", "mail.acme.example", "-servername", "mail.acme.example")
        self.assertIn("Verify return code: 0 (ok)", done.text)
        done = self.s_client("acme.example", "submissions", "-verify_hostname", "mail.other.example")
        self.assertNotIn("Verify return code: 0 (ok)", done.text)

    def test_versions(self):
        for version, accepted in (("-tls1_3", True), ("-tls1_2", True), ("-tls1_1", False), ("-tls1", False)):
            with self.subTest(version):
                done = self.s_client("acme.example", "imaps", version, "-cipher", "ALL:@SECLEVEL=0")
                self.assertEqual(bool(re.search(r"Verify return code: 0 \(ok\)", done.text)) and done.returncode == 0
                                 and "Cipher is (NONE)" not in done.text, accepted, done.text)

    def test_certificate_is_usable(self):
        done = self.s_client("globex.example", "imaps", "-showcerts")
        certificate = re.search(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", done.stdout, re.S)[0]
        text = harness.run(["openssl", "x509", "-noout", "-text"], data=certificate).text
        self.assertIn("TLS Web Server Authentication", text)
        self.assertIn("IP Address:127.0.0.1", text)
        self.assertIn("DNS:localhost", text)
        self.assertIn("CA:FALSE", text)
        # Where it says that the list of revoked certificates is, there is one, and it is not on it.
        url = re.search(r"URI:(http://\S+/ca\.crl)", text)[1]
        with urllib.request.urlopen(url, timeout=harness.RUN_SECONDS) as response:
            self.assertEqual(response.headers["Content-Type"], "application/pkix-crl")
            listed = harness.run(["openssl", "crl", "-inform", "DER", "-outform", "PEM"], data=response.read())
        file = self.server.folder / "ca-crl.pem"
        file.write_bytes(listed.stdout)
        done = self.s_client("globex.example", "imaps", "-crl_check", "-CRL", file)
        self.assertIn("Verify return code: 0 (ok)", done.text)
        verified = harness.run(["openssl", "verify", "-x509_strict", "-CAfile", self.server.ca], data=certificate)
        self.assertEqual(verified.returncode, 0, verified.text)


if __name__ == "__main__":
    harness.main()
