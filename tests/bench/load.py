#!/usr/bin/env python3
"""Sends messages to an SMTP server as fast as it takes them, and prints how many a second.

    load.py PORT [--sessions 4] [--messages 2000] [--to bob@globex.example]

Like postfix's smtp-source: every session sends its share of the messages, one connection for
each 50. Where smtp-source is installed tests/bench/run uses that instead, because Python is slower
than the server under test.
"""
import argparse
import socket
import threading
import time

PER_CONNECTION = 50  # below the server's limit of transactions in one session
BODY = b"Subject: load\r\n\r\n" + b"The quick brown fox jumps over the lazy dog.\r\n" * 22


def expect(stream, code):
    """Reads one reply; fails unless it has this code."""
    while True:
        line = stream.readline()
        if not line.startswith(code):
            raise RuntimeError("expected %s, got %r" % (code.decode(), line))
        if line[3:4] == b" ":
            return


def deliver(port, count, recipient):
    sent = 0
    while sent < count:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb")
            expect(stream, b"220")
            connection.sendall(b"EHLO load.example\r\n")
            expect(stream, b"250")
            for _ in range(min(PER_CONNECTION, count - sent)):
                connection.sendall(b"MAIL FROM:<load@load.example>\r\nRCPT TO:<" + recipient + b">\r\nDATA\r\n")
                expect(stream, b"250")
                expect(stream, b"250")
                expect(stream, b"354")
                connection.sendall(BODY + b".\r\n")
                expect(stream, b"250")
                sent += 1
            connection.sendall(b"QUIT\r\n")
            expect(stream, b"221")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--to", default="bob@globex.example")
    options = parser.parse_args()
    share = options.messages // options.sessions
    failures = []

    def session():
        try:
            deliver(options.port, share, options.to.encode())
        except (OSError, RuntimeError) as error:
            failures.append(str(error))

    threads = [threading.Thread(target=session) for _ in range(options.sessions)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begin
    if failures:
        raise SystemExit("load.py: " + failures[0])
    print("%.1f" % (share * options.sessions / seconds))


if __name__ == "__main__":
    main()
