"""The servers that tests/bench/peers measures: Mailscope, and its peers from Debian's packages.

Each lives in a folder of its own below the run's one, on free ports of the loopback interface, as
processes that this program started and ends by their numbers. Nothing of the system's own
configuration or services is read or touched.
"""
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

DOMAIN = "globex.example"
USER, PASSWORD = "bob@" + DOMAIN, "benchmark"
HOSTS = 990  # a scenario has at most 1,000 records of its own
START_S = 30  # until a server answers on a busy machine
STOP_S = 20   # until one that was told to end is killed
# Where Debian puts what is not meant for everybody's PATH.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/postfix/sbin"])


def find(program):
    return shutil.which(program, path=PLACES)


def host_name(number):
    return "h%03d.%s" % (number, DOMAIN)


def host_address(number):
    return "192.0.2.%d" % (number % 250 + 1)


def free_port():
    """A port that TCP and UDP have both left free."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_for(condition, what):
    deadline = time.monotonic() + START_S
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(what + " did not start")
        time.sleep(0.05)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """One process, and the ports on which it serves: {"smtp": 12345, ...}."""
    started = []  # to be stopped, also when starting one of them went wrong

    def __init__(self, name, folder):
        self.name = name
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.ports = {}
        self.process = None

    def start(self, command, **more):
        log = open(self.folder / "log", "w")
        self.process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, process_group=0, **more)
        Server.started.append(self)
        for port in self.ports.values():
            wait_for(lambda: self.process.poll() is not None or answers(port), self.name)
            if self.process.poll() is not None:
                raise RuntimeError("%s ended at once:\n%s" % (self.name, (self.folder / "log").read_text()[-2000:]))

    def stop(self):
        if self.process is None:
            return
        group = self.process.pid  # the leader of the group that start() made
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        try:
            os.killpg(group, signal.SIGKILL)  # children that outlive it
        except ProcessLookupError:
            pass


class Mailscope(Server):
    """`serve --direct --data`: the same promise of durability as the peers'."""

    def __init__(self, folder, program):
        super().__init__("Mailscope", folder)
        scenario, settings = self.folder / "world.json", self.folder / "settings.json"
        records = [{"name": host_name(i), "type": "A", "value": host_address(i)} for i in range(HOSTS)]
        scenario.write_text(json.dumps({
            "title": "Peers",
            "domains": {DOMAIN: {"users": [{"name": "bob", "password": PASSWORD}], "tls": "none",
                                 "plaintextAuth": True, "records": records}},
        }))
        self.start([program, "serve", scenario, "--direct", "--data", self.folder / "data", "--settings", settings])
        wait_for(lambda: self.process.poll() is not None
                 or (settings.exists() and settings.read_text().strip().endswith("}")), self.name)
        if self.process.poll() is not None:
            raise RuntimeError("mailscope serve ended:\n" + (self.folder / "log").read_text())
        told = json.loads(settings.read_text())
        domain = told["domains"][DOMAIN]
        self.ports = {name: domain[name]["port"] for name in ("smtp", "imap", "pop3", "authority")}
        self.ports["resolver"] = told["dns"]["port"]


class Postfix(Server):
    """Takes mail into its queue and holds it there: no delivery takes time from taking."""

    MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.{domain}
mydestination = {domain}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
smtpd_client_restrictions = check_client_access static:HOLD
smtpd_peername_lookup = no
"""
    MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
"""

    def __init__(self, folder):
        super().__init__("Postfix", folder)
        self.ports = {"smtp": free_port()}
        etc = self.folder / "etc"
        for name in ("etc", "spool", "data"):
            (self.folder / name).mkdir()
        owner = pwd.getpwnam("postfix")
        os.chown(self.folder / "data", owner.pw_uid, owner.pw_gid)
        (etc / "main.cf").write_text(self.MAIN.format(folder=self.folder, domain=DOMAIN))
        (etc / "master.cf").write_text(self.MASTER.format(port=self.ports["smtp"]))
        subprocess.run([find("postfix"), "-c", etc, "check"], check=True, capture_output=True)
        # -d: stays in the foreground. Its end is the end of all of its children.
        self.start([find("master"), "-d", "-c", etc], env={**os.environ, "MAIL_CONFIG": str(etc)})


class SmtpSink(Server):
    """Takes everything and keeps nothing: what a dialogue costs without a disk."""

    def __init__(self, folder):
        super().__init__("smtp-sink", folder)
        self.ports = {"smtp": free_port()}
        # As root it insists on giving its rights away.
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        self.start([find("smtp-sink")] + user + ["127.0.0.1:%d" % self.ports["smtp"], "1000"])


class Dovecot(Server):
    """IMAP and POP3 on Maildir, its format without a copy of everything in one file."""

    CONF = """
protocols = imap pop3
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""

    def __init__(self, folder):
        super().__init__("Dovecot", folder)
        self.ports = {"imap": free_port(), "pop3": free_port()}
        self.owner = pwd.getpwnam("nobody")
        self.mail = self.folder / "mail" / USER
        self.mail.mkdir(parents=True)
        conf = self.folder / "dovecot.conf"
        conf.write_text(self.CONF.format(folder=self.folder, password=PASSWORD, uid=self.owner.pw_uid,
                                         gid=self.owner.pw_gid, **self.ports))
        for name in (self.folder / "mail", self.mail):
            os.chown(name, self.owner.pw_uid, self.owner.pw_gid)
        self.start([find("dovecot"), "-F", "-c", conf])


class Nsd(Server):
    """The authority of the same zone as Mailscope's, in one process."""

    CONF = """
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  database: ""
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "{domain}"
  zonefile: "zone"
"""

    def __init__(self, folder):
        super().__init__("NSD", folder)
        self.ports = {"authority": free_port()}
        lines = ["$ORIGIN %s." % DOMAIN, "$TTL 3600", "@ SOA ns1 hostmaster 1 7200 900 1209600 300", "@ NS ns1",
                 "@ MX 10 mail", "ns1 A 192.0.2.251", "mail A 192.0.2.252"]
        lines += ["%s. A %s" % (host_name(i), host_address(i)) for i in range(HOSTS)]
        (self.folder / "zone").write_text("\n".join(lines) + "\n")
        conf = self.folder / "nsd.conf"
        conf.write_text(self.CONF.format(port=self.ports["authority"], folder=self.folder, domain=DOMAIN))
        self.start([find("nsd"), "-d", "-c", conf])


class Unbound(Server):
    """A resolver that knows where the zone is; measured when everything is in its cache."""

    CONF = """
server:
  interface: 127.0.0.1
  port: {port}
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  do-daemonize: no
  num-threads: 1
  do-not-query-localhost: no
  module-config: "iterator"
  use-syslog: no
remote-control:
  control-enable: no
forward-zone:
  name: "{domain}"
  forward-addr: 127.0.0.1@{authority}
"""

    def __init__(self, folder, authority):
        super().__init__("unbound", folder)
        self.ports = {"resolver": free_port()}
        conf = self.folder / "unbound.conf"
        conf.write_text(self.CONF.format(port=self.ports["resolver"], folder=self.folder, domain=DOMAIN,
                                         authority=authority))
        self.start([find("unbound"), "-d", "-c", conf])
