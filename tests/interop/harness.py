"""What the tests with real mail programs share: `mailscope serve` as a child process, its settings,
programs with a time limit, and mailboxes read with imaplib.

Run by CTest, or by hand:  MAILSCOPE=build/release/mailscope python3 tests/interop/curl_test.py -v
"""
import contextlib
import imaplib
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
WORLD = HERE / "world.json"
PROGRAM = os.environ.get("MAILSCOPE", str(HERE.parents[1] / "build/release/mailscope"))

START_SECONDS = 20.0   # until the settings file is there; certificates are made before it
STOP_SECONDS = 10.0    # from SIGTERM to the end
RUN_SECONDS = 30.0     # one run of a client
MAIL_SECONDS = 20.0    # from the sender's 250 to the recipient's mailbox
SKIPPED = 77           # what CTest takes as "skipped"


def needs(*programs):
    """Ends the test program as skipped when one of the programs is not installed."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        print(f"SKIPPED: {', '.join(missing)} not installed (./dev test installs what the tests need)")
        sys.exit(SKIPPED)


def run(arguments, *, data=b"", timeout=RUN_SECONDS, env=None):
    """Runs a client to its end. Output is bytes; .text is both outputs for messages and searching."""
    done = subprocess.run([str(a) for a in arguments], input=data, capture_output=True, timeout=timeout,
                          env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}, check=False)
    done.text = (done.stdout + done.stderr).decode("utf-8", "replace")
    return done


def wait_for(condition, seconds, what):
    """Polls until `condition()` gives something true, and gives that."""
    end = time.monotonic() + seconds
    pause = 0.02
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds:g} s still not: {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


class Server:
    """One `mailscope serve`. Everything that it writes is in a folder of its own."""

    def __init__(self, *options, scenario=WORLD, start=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-interop-"))
        self.options = [str(option) for option in options]
        self.scenario = scenario
        self.child = None
        self.settings = None
        self.starts = 0
        if start:
            self.start()

    def start(self):
        self.starts += 1
        self.seen = {}  # address -> UID -> octets, for wait_mail()
        settings = self.folder / f"settings-{self.starts}.json"
        self.log_file = self.folder / f"log-{self.starts}.txt"
        with open(self.log_file, "wb") as log:
            self.child = subprocess.Popen([PROGRAM, "serve", str(self.scenario), "--settings", str(settings), *self.options],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(lambda: settings.exists() or self.child.poll() is not None, START_SECONDS, "the settings file")
            if self.child.poll() is not None:
                raise AssertionError(f"serve ended with {self.child.returncode}: {self.log}")
        except AssertionError:
            self.close()
            raise
        self.settings = json.loads(settings.read_text())
        return self

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    @property
    def ca(self):
        return self.settings["ca"]

    def endpoint(self, domain, service):
        entry = self.settings["domains"][domain][service]
        return entry["host"], entry["port"]

    def port(self, address, service):
        """The port of a service for this user."""
        return self.endpoint(address.split("@")[1], service)[1]

    def password(self, address):
        users = self.settings["domains"][address.split("@")[1]]["users"]
        return next(user["password"] for user in users if user["address"] == address)

    def context(self, version=None):
        """Verifies the certificate and the host name against the world's CA alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.ca)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        return context

    def stop(self, number=signal.SIGTERM):
        """Stops it and gives the exit status."""
        self.child.send_signal(number)
        return self.child.wait(STOP_SECONDS)

    def alive(self):
        return self.child.poll() is None

    def close(self):
        if self.child and self.child.poll() is None:
            self.child.terminate()  # it removes its own temporary files
            try:
                self.child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @contextlib.contextmanager
    def imap(self, address, mailbox=None, readonly=False):
        client = imaplib.IMAP4_SSL("127.0.0.1", self.port(address, "imaps"), ssl_context=self.context(), timeout=RUN_SECONDS)
        try:
            secret = f"\0{address}\0{self.password(address)}".encode()
            client.authenticate("PLAIN", lambda _: secret)  # LOGIN of imaplib takes ASCII only
            if mailbox:
                client.select(mailbox, readonly)
            yield client
            client.logout()
        except BaseException:
            with contextlib.suppress(OSError):
                client.shutdown()
            raise

    def messages(self, address, mailbox="INBOX", first=1):
        """UID -> octets of every message in a mailbox, from UID `first` on."""
        with self.imap(address, mailbox, readonly=True) as client:
            found = {}
            for part in client.uid("FETCH", f"{first}:*", "(UID BODY.PEEK[])")[1]:
                if isinstance(part, tuple):
                    found[int(re.search(rb"UID (\d+)", part[0])[1])] = part[1]
            return found

    def wait_mail(self, address, token, seconds=MAIL_SECONDS):
        """Waits for one message that contains `token`; gives its octets."""
        token = token if isinstance(token, bytes) else token.encode()
        seen = self.seen.setdefault(address, {})  # over a simulated link a mailbox takes its time: only what is new is read

        def look():
            found = [octets for octets in seen.values() if token in octets]
            if not found:
                new = self.messages(address, first=max(seen, default=0) + 1)
                seen.update(new)
                found = [octets for octets in new.values() if token in octets]
            return found

        return wait_for(look, seconds, f"a message with {token!r} for {address}")[0]

    def clear(self, address, mailbox="INBOX"):
        self.seen.pop(address, None)
        with self.imap(address, mailbox) as client:
            client.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
            client.expunge()


def both_ways(case):
    """Class decorator: the tests run against a server behind the gateway and one with --direct. The
    class has `server` and must not keep state of its own between tests."""
    module = sys.modules[case.__module__]
    for name, options in (("Gateway", []), ("Direct", ["--direct"])):
        def set_up(cls, options=options):
            cls.server = Server(*options, *getattr(cls, "options", []))

        def tear_down(cls):
            status = cls.server.stop() if cls.server.alive() else cls.server.child.returncode
            log = cls.server.log
            cls.server.close()
            if status != 0:
                raise AssertionError(f"serve ended with {status}: {log}")

        members = {"setUpClass": classmethod(set_up), "tearDownClass": classmethod(tear_down), "__module__": case.__module__}
        setattr(module, case.__name__ + name, type(case.__name__ + name, (case, unittest.TestCase), members))
    return case


def main():
    unittest.main(verbosity=2)
