"""The program itself: its options, what it prints, how it ends."""
import os
import pathlib
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import unittest

import harness

ALICE = "alice@acme.example"


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-interop-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def serve(self, *options, scenario=harness.WORLD):
        """A run that is expected to end by itself."""
        return harness.run([harness.PROGRAM, "serve", scenario, *options], timeout=15)

    def server(self, *options, **more):
        server = harness.Server(*options, **more)
        self.addCleanup(server.close)
        return server

    def refused(self, *options, says, scenario=harness.WORLD):
        done = self.serve(*options, scenario=scenario)
        self.assertEqual(done.returncode, 2, done.text)
        self.assertEqual(done.stdout, b"", "errors go to stderr")
        lines = done.stderr.decode().strip().split("\n")
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], says)
        self.assertNotIn("terminate", lines[0])

    def test_signals_end_it_well(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.server()
            self.assertEqual(server.stop(number), 0, server.log)
            self.assertTrue(server.log.rstrip().endswith("Stopped."), server.log)
            self.assertFalse(os.path.exists(server.ca), "the CA file of a world in memory goes with it")

    def test_end_with_open_sessions(self):
        """The sessions that are open go with the server, whoever owns their sockets."""
        for options in ([], ["--direct"]):
            for _ in range(3):
                server = self.server(*options)
                clients = []
                for service in ("submissions", "imaps", "pop3s", "smtp"):
                    plain = socket.create_connection(server.endpoint("acme.example", service), 10)
                    secure = plain if service == "smtp" else server.context().wrap_socket(plain, server_hostname="localhost")
                    self.assertRegex(secure.recv(1000), rb"^(220|\* OK|\+OK) ")
                    clients.append(secure)
                self.assertEqual(server.stop(), 0, server.log)
                for client in clients:
                    client.close()

    def test_table_tells_what_clients_need(self):
        server = self.server()
        for domain, entry in server.settings["domains"].items():
            self.assertIn(domain, server.log)
            for service in ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s"):
                self.assertRegex(server.log, rf"\b{service}\b.*\b{entry[service]['port']}\b")
            for user in entry["users"]:
                self.assertIn(user["address"], server.log)
                self.assertIn(user["password"], server.log)
        self.assertIn(server.ca, server.log)
        self.assertIn(str(server.settings["dns"]["port"]), server.log)

    def test_ipv6(self):
        if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("this machine has no IPv6")
        for options in (["--listen", "::1"], ["--listen", "::1", "--direct"]):
            server = self.server(*options)
            self.assertEqual(server.endpoint("acme.example", "submissions")[0], "::1")
            client = smtplib.SMTP_SSL("::1", server.port(ALICE, "submissions"), context=server.context(), timeout=15)
            client.login(ALICE, server.password(ALICE))
            client.sendmail(ALICE, [ALICE], "Subject: six\r\n\r\nsix\r\n")
            client.quit()

    def test_taken_port(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            base = taken.getsockname()[1] - 25
            self.refused("--port-base", base, says=rf"127\.0\.0\.1:{base + 25}: .*in use")

    def test_port_base(self):
        base = 21_000 + os.getpid() % 20_000
        server = self.server("--port-base", base)
        for number, domain in enumerate(("acme.example", "globex.example")):
            for service, port in (("smtp", 25), ("submission", 587), ("imaps", 993), ("pop3s", 995)):
                self.assertEqual(server.endpoint(domain, service)[1], base + 1000 * number + port)
        self.assertEqual(server.settings["dns"]["port"], base + 53)

    def test_refused_options(self):
        self.refused("--port-base", "65000", says=r"--port-base")
        self.refused("--listen", "nonsense", says=r"--listen nonsense")
        self.refused("--listen", "203.0.113.77", says=r"203\.0\.113\.77")
        self.refused(says=r"nothing\.json", scenario=self.folder / "nothing.json")

    def test_bad_data_folder(self):
        a_file = self.folder / "file"
        a_file.write_text("x")
        self.refused("--data", a_file, says=re.escape(str(a_file)))
        self.refused("--data", a_file / "below", says=re.escape(str(a_file)))
        self.refused("--data", "/proc/nothing", says=r"/proc/nothing")
        broken = self.folder / "broken"
        broken.mkdir()
        (broken / "mailscope.db").write_bytes(b"this is no database" * 500)
        self.refused("--data", broken, says=r"mailscope\.db")

    def test_folder_in_use(self):
        """Two servers on one folder would hand out the same UIDs."""
        data = self.folder / "data"
        self.server("--data", data)
        self.refused("--data", data, says=re.escape(str(data)))

    def test_settings_cannot_be_written(self):
        self.refused("--settings", self.folder / "no" / "such" / "s.json", says=r"s\.json cannot be written")

    def test_data_is_private(self):
        data = self.folder / "data"
        self.server("--data", data)
        self.assertEqual(data.stat().st_mode & 0o077, 0)

    def test_a_second_start_with_another_world(self):
        """Domains that are new get their mailboxes; what others had stays."""
        data = self.folder / "data"
        self.assertEqual(self.server("--data", data).stop(), 0)
        other = self.folder / "other.json"
        other.write_text('{"title": "Another", "seed": 1, "domains": {"initech.example": {"users": ["peter"]}}}')
        server = self.server("--data", data, scenario=other)
        self.assertEqual(server.messages("peter@initech.example"), {})

    def test_output_into_a_closed_pipe(self):
        """`mailscope serve ... | head -1` must not take the server down with SIGPIPE."""
        settings = self.folder / "s.json"
        child = subprocess.Popen([harness.PROGRAM, "serve", str(harness.WORLD), "--settings", str(settings)], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        try:
            harness.wait_for(settings.exists, harness.START_SECONDS, "the settings file")
            child.stdout.close()
            child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(10), 0)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()


if __name__ == "__main__":
    harness.main()
