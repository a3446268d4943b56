"""dig against the DNS port: the world's answers, over UDP and TCP, with and without EDNS."""
import re
import unittest

import harness

harness.needs("dig")


@harness.both_ways
class Dig:
    def dig(self, *arguments):
        at = self.server.settings["dns"]
        done = harness.run(["dig", f"@{at['host']}", "-p", at["port"], "+tries=1", "+time=8", *arguments])
        self.assertEqual(done.returncode, 0, done.text)
        for complaint in ("WARNING", "Warning", "malformed", "mismatch", "FORMERR", "extra bytes", ";; Got bad"):
            self.assertNotIn(complaint, done.text)
        return done.text

    def short(self, *arguments):
        return self.dig("+short", *arguments).split("\n")[:-1]

    def status(self, *arguments):
        return re.search(r"status: (\w+)", self.dig(*arguments))[1]

    def test_mail_exchangers(self):
        self.assertEqual(sorted(self.short("MX", "globex.example")), ["10 mx1.globex.example.", "20 mx2.globex.example."])
        self.assertEqual(self.short("MX", "acme.example"), ["10 mail.acme.example."])

    def test_addresses_and_reverse(self):
        for host in ("mx1.globex.example", "mail.acme.example"):
            address = self.short("A", host)
            self.assertRegex(address[0], r"^\d+\.\d+\.\d+\.\d+$")
            self.assertEqual(self.short("-x", address[0]), [host + "."])

    def test_name_server_of_a_domain(self):
        at = self.server.settings["globex.example"]["authority"]
        def ask(*arguments):
            done = harness.run(["dig", f"@{at['host']}", "-p", at["port"], "+tries=1", "+time=8", *arguments])
            self.assertEqual(done.returncode, 0, done.text)
            return done.text
        text = ask("+norecurse", "MX", "globex.example")
        self.assertIn("status: NOERROR", text)
        self.assertRegex(text, r"flags: qr aa;")
        self.assertIn("10 mx1.globex.example.", text)
        self.assertIn("ANSWER: 2", ask("+norecurse", "+tcp", "MX", "globex.example"))
        self.assertIn("status: REFUSED", ask("+norecurse", "MX", "acme.example"))  # not its zone

    def test_zone(self):
        soa = self.short("SOA", "acme.example")
        self.assertEqual(len(soa), 1)
        self.assertEqual(len(soa[0].split()), 7)
        servers = self.short("NS", "acme.example")
        self.assertTrue(servers)
        for server in servers:
            self.assertRegex(self.short("A", server)[0], r"^\d+\.")
        self.assertTrue(self.short("NS", "."))
        self.assertTrue(self.short("NS", "example"))

    def test_status(self):
        self.assertEqual(self.status("A", "mail.acme.example"), "NOERROR")
        self.assertEqual(self.status("A", "nothing.acme.example"), "NXDOMAIN")
        self.assertEqual(self.status("A", "nowhere.invalid"), "NXDOMAIN")
        text = self.dig("MX", "mail.acme.example")
        self.assertIn("status: NOERROR", text)
        self.assertIn("ANSWER: 0", text)
        self.assertIn("SOA", text)  # RFC 2308 section 3: the negative answer says how long it holds
        self.assertIn("SOA", self.dig("A", "nothing.acme.example"))

    def test_transports(self):
        for option in ("+tcp", "+noedns", "+edns=0", "+bufsize=512", "+dnssec", "+cookie", "+nocookie", "+cdflag", "+tcp +noedns"):
            with self.subTest(option):
                self.assertEqual(self.short(*option.split(), "MX", "acme.example"), ["10 mail.acme.example."])
        self.assertIn("EDNS: version: 0", self.dig("+edns=0", "A", "mail.acme.example"))
        self.assertNotIn("EDNS: version", self.dig("+noedns", "A", "mail.acme.example"))
        self.assertEqual(self.status("+edns=1", "+noednsnegotiation", "A", "mail.acme.example"), "BADVERS")
        self.assertEqual(self.status("+opcode=5", "acme.example"), "NOTIMP")

    def test_flags(self):
        flags = re.search(r"flags: ([a-z ]+);", self.dig("A", "mail.acme.example"))[1].split()
        self.assertEqual([f for f in flags if f in ("qr", "rd", "ra")], ["qr", "rd", "ra"])
        self.assertNotIn("tc", flags)

    def test_case_is_kept(self):
        self.assertIn("MaIl.AcMe.ExAmPlE.", self.dig("A", "MaIl.AcMe.ExAmPlE"))

    def test_text(self):
        text = self.dig("TXT", "acme.example")
        self.assertIn("status: NOERROR", text)

    def test_many_over_one_connection(self):
        text = self.dig("+tcp", "+keepopen", "acme.example", "MX", "globex.example", "MX", "mail.acme.example", "A")
        self.assertEqual(text.count("status: NOERROR"), 3)


if __name__ == "__main__":
    harness.main()
