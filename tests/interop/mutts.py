"""What mutt and NeoMutt are asked: send by SMTP, read by IMAP and POP3, on a terminal that nobody looks at."""
import os
import pty
import select
import time

import harness
import samples

ALICE, BOB = "alice@acme.example", "bob@globex.example"


class Mutt:
    """`program` is the one that runs."""

    copies_in_batch = True  # puts a copy into "Sent" by IMAP when it runs without a terminal

    def configuration(self, address, imap, smtp):
        imap_port, smtp_port = self.server.port(address, imap), self.server.port(address, smtp)
        user = address.replace("@", "%40")
        folder = self.server.folder
        path = folder / "muttrc"
        path.write_text(f"""
set from="{address}" realname="Mutt Ünder Test" use_from=yes use_envelope_from=no hostname=client.example
set smtp_url="{'smtps' if smtp == 'submissions' else 'smtp'}://{user}@127.0.0.1:{smtp_port}/" smtp_pass="{self.server.password(address)}"
set ssl_starttls=yes ssl_force_tls=yes ssl_verify_host=yes ssl_verify_dates=yes ssl_ca_certificates_file="{self.server.ca}" certificate_file="{folder}/accepted"
set imap_user="{address}" imap_pass="{self.server.password(address)}"
set folder="{'imaps' if imap == 'imaps' else 'imap'}://127.0.0.1:{imap_port}/" spoolfile="+INBOX" record="+Sent" postponed="+Drafts"
set copy=yes confirmappend=no confirmcreate=no delete=yes move=no quit=yes wait_key=no mark_old=no sleep_time=0 connect_timeout=15
set header_cache="" message_cachedir="" charset=utf-8 send_charset=utf-8 editor=true abort_nosubject=no abort_unmodified=no sort=mailbox-order
set crypt_autosign=no crypt_use_gpgme=no pgp_use_gpg_agent=no imap_idle=no tmpdir="{folder}"
""")
        return path

    def send(self, smtp, imap, subject, body, *arguments):
        done = harness.run([self.program, "-n", "-F", self.configuration(ALICE, imap, smtp), "-s", subject, *arguments, "--", BOB], data=body,
                           env={"HOME": str(self.server.folder), "TERM": "xterm"})
        self.assertEqual(done.returncode, 0, done.text)

    def on_terminal(self, address, imap, keys, *more, seconds=30):
        """Runs it on a pseudo terminal until it ends; gives its exit status and what it drew."""
        arguments = [self.program, "-n", "-F", str(self.configuration(address, imap, "submission")), "-e", f"push '{keys}'", *more]
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(TERM="xterm", HOME=str(self.server.folder), LC_ALL="C.UTF-8", LINES="40", COLUMNS="120")
            os.execvp(self.program, arguments)
        drawn, end = b"", time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                if select.select([terminal], [], [], 0.2)[0]:
                    try:
                        piece = os.read(terminal, 65536)
                    except OSError:  # EIO: mutt has ended
                        break
                    if not piece:
                        break
                    drawn += piece
            else:
                os.kill(child, 9)
                self.fail(f"{self.program} does not end: " + drawn[-1500:].decode("utf-8", "replace"))
        finally:
            os.close(terminal)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return status, drawn.decode("utf-8", "replace")

    def test_send(self):
        for smtp, imap in (("submission", "imap"), ("submissions", "imaps")):
            with self.subTest(smtp):
                attachment = self.server.folder / f"octets-{smtp}.bin"
                attachment.write_bytes(bytes(range(256)) * 40)
                subject, body = f"Grüße by {smtp}", "Hällo\n.\nFrom me\n日本\n"
                self.send(smtp, imap, subject, body.encode(), "-a", attachment)
                octets = self.server.wait_mail(BOB, attachment.name)
                message = samples.parse(octets)
                self.assertEqual(message["Subject"], subject)
                self.assertIn("Mutt Ünder Test", message["From"])
                text, attached = message.iter_parts()
                self.assertEqual(text.get_content().replace("\r\n", "\n"), body)
                self.assertEqual(attached.get_content(), attachment.read_bytes())
                if not self.copies_in_batch:
                    continue
                # The copy that mutt keeps in "Sent" is the message without what the servers added.
                copy = [kept for kept in self.server.messages(ALICE, "Sent").values() if attachment.name.encode() in kept]
                self.assertEqual(len(copy), 1)
                self.assertEqual(samples.parse(copy[0]).get_body().get_content(), message.get_body().get_content())

    def test_send_on_terminal(self):
        subject = f"written with {self.program}"
        status, drawn = self.on_terminal(ALICE, "imap", f"<mail>{BOB}<enter>{subject}<enter><send-message><quit>")
        self.assertEqual(status, 0, drawn[-1500:])
        self.server.wait_mail(BOB, subject)
        self.assertTrue(any(subject.encode() in octets for octets in self.server.messages(ALICE, "Sent").values()), drawn[-1500:])

    def test_read_flag_delete_move(self):
        for imap in ("imaps", "imap"):
            with self.subTest(imap):
                self.server.clear(BOB)
                with self.server.imap(BOB) as client:
                    client.create("Archive")
                    for i in range(1, 5):
                        client.append("INBOX", None, None, samples.header(f"mutt-{i}", ALICE, BOB).encode() + f"\r\ntext {i}\r\n".encode())
                # Open 1, back; flag 2; delete 3; save 4 to Archive; write all and quit.
                keys = "1<enter><display-message><exit>2<enter><flag-message>3<enter><delete-message>4<enter><save-message><kill-line>=Archive<enter><quit>"
                status, drawn = self.on_terminal(BOB, imap, keys)
                self.assertEqual(status, 0, drawn[-1500:])
                with self.server.imap(BOB, "INBOX") as client:
                    lines = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
                    found = {part[1].split()[1].decode(): part[0].decode() for part in lines if isinstance(part, tuple)}
                    self.assertEqual(sorted(found), ["mutt-1", "mutt-2"], drawn[-1500:])
                    self.assertIn("\\Seen", found["mutt-1"])
                    self.assertIn("\\Flagged", found["mutt-2"])
                self.assertTrue(any(b"mutt-4" in octets for octets in self.server.messages(BOB, "Archive").values()))

    def test_limit_and_search_on_the_server(self):
        self.server.clear(BOB)
        with self.server.imap(BOB) as client:
            for word in ("apple", "pear"):
                client.append("INBOX", None, None, samples.header(word, ALICE, BOB).encode() + f"\r\nabout {word}s\r\n".encode())
        keys = "<delete-pattern>=b apples<enter><quit>"  # =b: SEARCH BODY by the server
        status, drawn = self.on_terminal(BOB, "imaps", keys)
        self.assertEqual(status, 0, drawn[-1500:])
        self.assertEqual([samples.parse(octets)["Subject"] for octets in self.server.messages(BOB).values()], ["pear"], drawn[-1500:])

    def test_pop3(self):
        sent = samples.samples(ALICE, BOB, "pop")
        for service in ("pop3s", "pop3"):
            with self.subTest(service):
                self.server.clear(BOB)
                with self.server.imap(BOB) as client:
                    for octets in sent.values():
                        client.append("INBOX", None, None, octets)
                folder = self.server.folder / f"{self.program}-{service}"
                scheme = "pops" if service == "pop3s" else "pop"
                keys = f"<delete-pattern>~s pop-blanks<enter><tag-pattern>~A<enter><tag-prefix><copy-message><kill-line>{folder}<enter><quit>"
                status, drawn = self.on_terminal(BOB, "imaps", keys, "-e", f'set pop_user="{BOB}" pop_pass="{self.server.password(BOB)}" mbox_type=Maildir',
                                                 "-f", f"{scheme}://127.0.0.1:{self.server.port(BOB, service)}/")
                self.assertEqual(status, 0, drawn[-1500:])
                got = {samples.parse(file.read_bytes())["Subject"]: file.read_bytes() for part in ("cur", "new") for file in (folder / part).iterdir()}
                self.assertEqual(sorted(got), sorted(sent), drawn[-1500:])
                for token, octets in sent.items():
                    self.assertEqual(got[token].split(b"\n\n", 1)[1], octets.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1], token)
                left = {samples.parse(octets)["Subject"] for octets in self.server.messages(BOB).values()}
                self.assertEqual(left, set(sent) - {"pop-blanks"})
