"""testssl.sh looks at the TLS of submissions, SMTP with STARTTLS, imaps and pop3s: nothing that it finds is
worse than "low". Only the checks that a change here could break, because a whole run takes minutes; for that:
testssl --severity LOW --add-ca CA localhost:PORT."""
import json
import os
import unittest

import harness

harness.needs("testssl")

ADDRESS = "bob@globex.example"
CHECKS = ["--protocols", "--fs", "--server-defaults"]
SECONDS = 110.0
BAD = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}


class Testssl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server("--direct")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def check(self, service, *arguments):
        report = self.server.folder / f"{service}.json"
        done = harness.run(["testssl", "--quiet", "--warnings", "off", "--color", "0", "--fast", "--ip", "127.0.0.1", "--add-ca", self.server.ca,
                            "--jsonfile", report, *arguments, *CHECKS, f"localhost:{self.server.port(ADDRESS, service)}"], timeout=SECONDS)
        findings = json.loads(report.read_text())
        self.assertGreater(len(findings), 20, done.text)
        bad = [f for f in findings if f["severity"] in BAD]
        self.assertEqual(bad, [], done.text)
        by_id = {f["id"]: f["finding"] for f in findings}
        self.assertIn("not offered", by_id["TLS1_1"])
        self.assertIn("offered", by_id["TLS1_3"])

    def test_starttls(self):
        self.check("smtp", "--starttls", "smtp")

    @unittest.skipUnless("MAILSCOPE_LONG" in os.environ, "takes minutes: set MAILSCOPE_LONG")
    def test_other_services(self):
        for service in ("submissions", "imaps", "pop3s"):
            with self.subTest(service):
                self.check(service)


if __name__ == "__main__":
    harness.main()
