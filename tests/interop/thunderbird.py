"""A Thunderbird without a user: a profile of its own, a display of its own, and its own JavaScript driven
through Marionette, the remote control that every Thunderbird has. One message each way:

    C: 51:[0,1,"WebDriver:NewSession",{"strictFileInter...    length in decimal, colon, JSON
    S: 38:[1,1,null,{"sessionId":"...",...}]                 reply: 1, number, error, value
"""
import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import harness

START_SECONDS = 90.0   # to the remote control: a first start on a busy machine
SCRIPT_SECONDS = 60.0  # one script, with all that it waits for
STOP_SECONDS = 15.0    # from being asked to quit to the end
GEOMETRY = "1280x800x24"

# Nothing is asked, shown, fetched or sent that this test did not order; every way out of the machine
# leads to a port that nobody serves.
PREFERENCES = {
    "app.donation.eoy.version.viewed": 999,
    "app.update.auto": False,
    "app.update.disabledForTesting": True,
    "app.update.enabled": False,
    "browser.shell.checkDefaultClient": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "extensions.update.enabled": False,
    "mail.biff.show_alert": False,
    "mail.chat.enabled": False,
    "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mail.winsearch.firstRunDone": True,
    "mail.warn_on_send_accel_key": False,
    "mail.compose.attachment_reminder": False,
    "mail.phishing.detection.enabled": False,
    "mailnews.auto_config.fetchFromExchange.enabled": False,
    "mailnews.auto_config.fetchFromISP.enabled": False,
    "mailnews.send_plaintext_flowed": False,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "mail.openpgp.key_assistant.enable": False,
    "marionette.port": 0,
    "network.proxy.no_proxies_on": "127.0.0.1, localhost",
    "network.proxy.socks": "127.0.0.1",
    "network.proxy.socks_port": 9,
    "network.proxy.socks_remote_dns": True,
    "network.proxy.type": 1,
    "services.settings.server": "data:,#nowhere",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "",
    "toolkit.telemetry.unified": False,
}


class ScriptError(AssertionError):
    """What a script threw, with its place."""


class Thunderbird:
    def __init__(self, ca, preferences):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailscope-thunderbird-"))
        self.profile = self.folder / "profile"
        self.profile.mkdir()
        self.children = []
        self.socket = None
        self.number = 0
        try:
            self._trust(ca)
            lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in {**PREFERENCES, **preferences}.items()]
            (self.profile / "user.js").write_text("".join(lines))
            self._start(self._display())
        except BaseException:
            self.close()
            raise

    def _trust(self, ca):
        store = f"sql:{self.profile}"
        for arguments in (["-N", "--empty-password"], ["-A", "-n", "Mailscope", "-t", "C,,", "-i", ca]):
            done = harness.run(["certutil", *arguments, "-d", store])
            if done.returncode:
                raise AssertionError(done.text)

    def _display(self):
        """An X server that chooses its own number."""
        reading, writing = os.pipe()
        self._spawn(["Xvfb", "-displayfd", str(writing), "-screen", "0", GEOMETRY, "-nolisten", "tcp"], "xvfb.log", pass_fds=[writing])
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise AssertionError((self.folder / "xvfb.log").read_text())
        return f":{number}"

    def _spawn(self, arguments, log, **more):
        with open(self.folder / log, "wb") as out:
            self.children.append(subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **more))
        return self.children[-1]

    def _start(self, display):
        environment = {**os.environ, "DISPLAY": display, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TZ": "UTC", "GDK_BACKEND": "x11",
                       "MOZ_CRASHREPORTER_DISABLE": "1", "NO_AT_BRIDGE": "1", "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        child = self._spawn(["thunderbird", "--no-remote", "--profile", self.profile, "--marionette", "--remote-allow-system-access"],
                            "thunderbird.log", env=environment)
        port_file = self.profile / "MarionetteActivePort"
        harness.wait_for(lambda: port_file.exists() and port_file.read_text() or child.poll() is not None, START_SECONDS, "Thunderbird's remote control")
        if child.poll() is not None:
            raise AssertionError(f"Thunderbird ended with {child.returncode}: {self.log}")
        self.socket = socket.create_connection(("127.0.0.1", int(port_file.read_text())), timeout=START_SECONDS)
        self._read()  # its greeting
        self.command("WebDriver:NewSession", {})
        self.command("Marionette:SetContext", {"value": "chrome"})
        self.command("WebDriver:SetTimeouts", {"script": int(SCRIPT_SECONDS * 1000)})
        self.socket.settimeout(SCRIPT_SECONDS + 10)
        self.script((harness.HERE / "thunderbird.js").read_text())

    @property
    def log(self):
        path = self.folder / "thunderbird.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def _octets(self, count):
        parts = b""
        while len(parts) < count:
            piece = self.socket.recv(count - len(parts))
            if not piece:
                raise AssertionError(f"Thunderbird closed its remote control: {self.log}")
            parts += piece
        return parts

    def _read(self):
        length = b""
        while not length.endswith(b":"):
            length += self._octets(1)
        return json.loads(self._octets(int(length[:-1])))

    def command(self, name, parameters):
        self.number += 1
        data = json.dumps([0, self.number, name, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(data), data))
        _, number, error, value = self._read()
        if number != self.number:
            raise AssertionError(f"answer {number} to command {self.number}")
        if error:
            raise ScriptError(f"{name}: {error['error']}: {error['message']}\n{error.get('stacktrace', '')}")
        return value

    def script(self, body, *arguments):
        """Runs the body of an async function in the main process; gives what it returns."""
        wrapped = f"return (async (...args) => {{ {body} }})(...arguments);"
        return self.command("WebDriver:ExecuteScript", {"script": wrapped, "args": list(arguments), "sandbox": "system", "newSandbox": False})["value"]

    def act(self, name, *arguments):
        """Calls one of the functions in thunderbird.js."""
        try:
            return self.script("const [name, ...rest] = args; return await globalThis.actions[name](...rest);", name, *arguments)
        except ScriptError as error:
            raise ScriptError(f"{name}{arguments}: {error}") from None

    def screenshot(self, path):
        picture = base64.b64decode(self.command("WebDriver:TakeScreenshot", {"full": True, "hash": False})["value"])
        pathlib.Path(path).write_bytes(picture)
        return picture

    def close(self):
        if self.socket:
            try:
                self.command("Marionette:Quit", {"flags": ["eForceQuit"]})
            except (OSError, AssertionError):
                pass  # gone already, or going
            self.socket.close()
        for child in reversed(self.children):
            if self.socket is None or child is self.children[0]:
                child.terminate()
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
