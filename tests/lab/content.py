#!/usr/bin/env python3
"""Sessions in the clear, by real clients, one after the other.

  content.py inetd PORT PROGRAM ARGS...   starts PROGRAM on each connection
  content.py sessions WEB FILES MAIL DIR  the recording: prints each session's
                                          name; the files it needs go to DIR
"""
import ftplib
import imaplib
import os
import poplib
import pty
import select
import smtplib
import socket
import subprocess
import sys
import time


def inetd(port, command):
    listener = socket.create_server(("0.0.0.0", port))
    while True:
        conn, _ = listener.accept()
        subprocess.Popen(command, stdin=conn, stdout=conn, stderr=conn)
        conn.close()


class Terminal:
    """A program behind a terminal, and a user who waits for its prompts."""

    def __init__(self, *command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.seen = b""

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 4096)
        except OSError:
            data = b""
        self.seen += data
        return bool(data)

    def expect(self, prompt):
        end = time.monotonic() + 15
        while prompt.encode() not in self.seen:
            if not self.read(max(0, end - time.monotonic())):
                raise TimeoutError("%r not in %r" % (prompt, self.seen))
        self.seen = self.seen.split(prompt.encode(), 1)[1]

    def turns(self, *turns):
        """prompt, answer, prompt, answer ...; typed as people do"""
        for prompt, answer in zip(turns[::2], turns[1::2]):
            self.expect(prompt)
            for key in answer + "\r":
                os.write(self.fd, key.encode())
                time.sleep(.01)
        while self.read(5):
            pass
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def login(name, password=None):
    return ("login: ", name, "Password: ", password or name + "-secret")


def telnet(host, *turns):
    Terminal("telnet", host).turns(*turns)


def shell(host, user, prompt, *commands):
    turns = login(user)
    if user == "root":
        turns = login(user, "toor-secret")
    for command in commands:
        turns += (prompt, command)
    telnet(host, *turns, prompt, "exit")


def telnet_sessions(host):
    yield "telnet ordinary"
    shell(host, "ann", "$ ", "pwd", "ls -l", "date")
    yield "telnet failed logins"
    wrong = login("bob", "guess1") + login("bob", "guess2")
    telnet(host, *wrong, *login("bob", "guess3"))
    yield "telnet guest"
    shell(host, "guest", "$ ", "id -u")
    yield "telnet root"
    shell(host, "root", "# ", "id", "uptime")
    yield "telnet su"
    telnet(host, *login("ann"), "$ ", "su -", "Password: ", "wrong",
           "$ ", "su", "Password: ", "toor-secret",
           "# ", "head -1 /etc/shadow", "# ", "exit", "$ ", "exit")
    yield "telnet intruder"
    shell(host, "ann", "$ ", "echo 'int main(void) { return 0; }' > x.c",
          "gcc x.c -o x || touch x", "chmod 4755 x", "./x", "cat missing",
          "cat /etc/passwd | wc -l", "/bin/sh -c 'exit'", "sh", "exit")


def ftp(host, user, password, *commands):
    turns = ("): ", user, "Password: ", password)
    for command in commands:
        turns += ("ftp> ", command)
    Terminal("ftp", host).turns(*turns, "ftp> ", "bye")


def ftp_sessions(host, folder):
    os.chdir(folder)
    with open("report.txt", "w", encoding="ascii") as f:
        f.write("quarterly figures\n" * 20)
    yield "ftp ordinary"
    ftp(host, "ann", "ann-secret", "pwd", "ls")
    yield "ftp guest"
    ftp(host, "anonymous", "user@example.org", "cd pub", "ls")
    yield "ftp failed logins"
    ftp(host, "ann", "guess1", "user ann guess2")
    yield "ftp files"
    ftp(host, "ann", "ann-secret", "mkdir reports",
        "put report.txt reports/one.txt", "put report.txt /none/two.txt",
        "get /etc/passwd passwd.copy")
    yield "ftp other host"
    with ftplib.FTP(host, "ann", "ann-secret") as session:
        session.set_pasv(False)
        for address in (session.sock.getsockname()[0], "10.20.1.99"):
            try:
                session.sendport(address, 5001)
            except ftplib.error_perm:
                pass


def refused(errors, call, *args):
    try:
        call(*args)
    except errors:
        return
    raise AssertionError("was not refused")


def mail_sessions(host):
    yield "smtp ordinary"
    with smtplib.SMTP(host, 25, "client1.lab.example") as smtp:
        smtp.sendmail("ann@lab.example", "bob@lab.example",
                      "Subject: minutes\r\n\r\nSee /etc/passwd on files.\r\n")
    yield "smtp failed login"
    with smtplib.SMTP(host, 25, "client1.lab.example") as smtp:
        smtp.ehlo()
        refused(smtplib.SMTPAuthenticationError, smtp.login, "ann", "guess")
    time.sleep(2)
    yield "pop3 ordinary"
    pop3 = poplib.POP3(host)
    pop3.user("bob")
    pop3.pass_("secret")
    pop3.retr(1)
    pop3.quit()
    yield "pop3 failed login"
    pop3 = poplib.POP3(host)
    pop3.user("bob")
    refused(poplib.error_proto, pop3.pass_, "guess")
    pop3.quit()
    yield "imap ordinary"
    imap = imaplib.IMAP4(host)
    imap.login("bob", "secret")
    imap.select()
    imap.fetch("1", "(RFC822)")
    imap.logout()
    yield "imap failed logins"
    imap = imaplib.IMAP4(host)
    for guess in ("guess1", "guess2"):
        refused(imaplib.IMAP4.error, imap.login, "bob", guess)
    imap.logout()


def curl(*args):
    subprocess.run(("curl", "-s", "-o", "/dev/null") + args, check=True)


def web_sessions(host):
    url = "http://" + host
    yield "http ordinary"
    curl(url + "/a/0", url + "/none", "-o", "/dev/null")
    yield "http upload"
    curl("-T", "report.txt", url + "/put/report.txt")
    yield "http failed login"
    curl("-u", "ann:guess", url + "/private/")
    yield "http traversal"
    curl("--path-as-is", url + "/../../etc/passwd")


def main():
    if sys.argv[1] == "inetd":
        inetd(int(sys.argv[2]), sys.argv[3:])
    web, files, mail, folder = sys.argv[2:]
    for sessions in (telnet_sessions(files), ftp_sessions(files, folder),
                     mail_sessions(mail), web_sessions(web)):
        for name in sessions:
            print(name, flush=True)
            time.sleep(.2)


if __name__ == "__main__":
    main()
