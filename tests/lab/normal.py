#!/usr/bin/env python3
"""Normal life of the lab.  Run inside a host's namespace by `run`.

  normal.py zone DIR            write the name server's zone files
  normal.py site DIR            write the web servers' files
  normal.py app                 a web application on 127.0.0.1:8000
  normal.py life HOST SECONDS SEED DIR     what the users of HOST do
  normal.py mini HOST DIR       a few minutes' life in a few seconds

Activities start at random times (a Poisson process whose rate swings), think
times are lognormal, sizes heavy-tailed.  Real programs do the talking where
there are some: curl, ssh, scp, sftp, git, kdig, ping, logger, chronyd.
"""
import ftplib
import http.client
import http.server
import imaplib
import math
import os
import random
import shutil
import smtplib
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

R = random.Random()             # seeded by main()
DIR = "/nonexistent"
HOST = "?"
END = float("inf")
V4 = {"web": "10.20.1.10", "files": "10.20.1.11", "mail": "10.20.1.12",
      "ns": "10.20.1.53", "mon": "10.20.1.20", "nvr": "10.20.3.20",
      "doh": "203.0.113.53", "ntp": "203.0.113.123", "www": "203.0.113.10",
      "cdn": "203.0.113.11", "far": "203.0.113.12", "auth": "203.0.113.5"}
V6 = {"web": "2001:db8:20::1:10", "files": "2001:db8:20::1:11",
      "mail": "2001:db8:20::1:12", "ns": "2001:db8:20::1:53",
      "www": "2001:db8:cafe::10", "cdn": "2001:db8:cafe::11",
      "far": "2001:db8:cafe::12", "doh": "2001:db8:cafe::53"}


# --- the small internet -------------------------------------------------

def sites():
    """(name, server, has AAAA, ttl): the same internet in every recording."""
    r = random.Random("internet")
    words = ("news shop mail static img api maps video docs wiki forum play "
             "login cloud sync media health travel bank weather music photo "
             "chat books jobs search code games radio market").split()
    out, seen = [], set()
    while len(out) < 90:
        kind = r.random()
        if kind < .5:
            name = "www.%s%s" % (r.choice(words), r.choice(words))
        elif kind < .8:
            name = "%s.%s%d" % (r.choice(words), r.choice(words),
                                r.randrange(100))
        else:
            name = "%s%02d.edge-%s.%s" % (
                "".join(r.choice("abcdef0123456789")
                        for _ in range(r.randrange(4, 22))),
                r.randrange(99), r.choice(("eu", "us", "asia")),
                r.choice(words))
        if name in seen:
            continue
        seen.add(name)
        server = r.choices(("cdn", "www", "far"), (5, 4, 2))[0]
        out.append((name + ".example", server, r.random() < .35,
                    r.choice((3, 10, 20, 30, 60, 300))))
    return out


def write_zone(directory):
    r = random.Random("zone")
    z = ["$ORIGIN example.", "$TTL 60",
         "@ SOA ns.example. hostmaster.example. 1 3600 600 86400 20",
         "@ NS ns.example.", "ns A " + V4["auth"],
         "doh 300 A " + V4["doh"], "doh 300 AAAA " + V6["doh"],
         "ntp 300 A " + V4["ntp"], "lab MX 10 mail.lab.example.",
         # the zones of the tunnels of attacks.sh
         "tn NS tn-ns.example.", "tn-ns 300 A 203.0.113.40",
         "td NS td-ns.example.", "td-ns 300 A 203.0.113.41",
         "big TXT " + " ".join('"%s"' % ("%x" % r.getrandbits(960))
                               for _ in range(9))]
    for host in ("web", "files", "mail", "ns", "mon", "nvr"):
        z.append("%s.lab 15 A %s" % (host, V4[host]))
        if host in ("web", "files", "mail"):
            z.append("%s.lab 15 AAAA %s" % (host, V6[host]))
    for name, server, six, ttl in sites():
        short = name[:-len(".example")]
        if r.random() < .25:
            z.append("%s %d CNAME %s" % (short, ttl, "lb-%s.%s" % (
                "%x" % r.getrandbits(40), server)))
            short = z[-1].split()[-1]
        z.append("%s %d A %s" % (short, ttl, V4[server]))
        if six:
            z.append("%s %d AAAA %s" % (short, ttl, V6[server]))
        z.append("%s %d HTTPS 1 . alpn=h2" % (short, ttl))
    for i in range(400):        # names that are only looked up
        z.append("h%d.names %d A 203.0.113.%d" % (i, r.choice((5, 30, 120)),
                                                  r.randrange(150, 250)))
        if i % 3 == 0:
            z.append("h%d.names TXT \"v=spf1 %s -all\"" % (
                i, "ip4:203.0.113.%d " % i * r.randrange(1, 9)))
        if i % 7 == 0:
            z.append("h%d.names MX 10 mx%d.names" % (i, i))
    with open(directory + "/example.zone", "w", encoding="ascii") as f:
        f.write("\n".join(z) + "\n")
    with open(directory + "/root.zone", "w", encoding="ascii") as f:
        f.write("$ORIGIN .\n$TTL 86400\n"
                ". SOA ns.example. hostmaster.example. 1 3600 600 86400 60\n"
                ". NS ns.example.\nexample. NS ns.example.\n"
                "ns.example. A %s\n" % V4["auth"])
    with open(directory + "/root.hints", "w", encoding="ascii") as f:
        f.write(". 3600000 NS ns.example.\nns.example. 3600000 A %s\n"
                % V4["auth"])


def write_site(directory):
    r = random.Random("site")
    for sub, count, size in (
            ("a", 300, lambda: min(180e3, r.lognormvariate(8.3, 1.25))),
            ("p", 80, lambda: min(90e3, r.lognormvariate(8.8, .8))),
            ("big", 50, lambda: min(1.6e6, 12e3 * r.paretovariate(.75)))):
        os.makedirs(directory + "/" + sub)
        for i in range(count):
            with open("%s/%s/%d" % (directory, sub, i), "wb") as f:
                f.write(r.randbytes(int(size())))


class App(http.server.BaseHTTPRequestHandler):
    """The application behind nginx: it thinks, and answers what it likes."""
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def answer(self):
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            got = self.rfile.read(min(left, 65536))
            if not got:
                return
            left -= len(got)
        if "events" in self.path:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for _ in range(random.randrange(4, 20)):
                time.sleep(random.expovariate(1 / 2.5))
                data = os.urandom(random.randrange(20, 400))
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
            return
        if "poll" in self.path:
            time.sleep(random.uniform(3, 32))
        else:
            time.sleep(min(4, random.lognormvariate(-3, 1)))
        data = os.urandom(int(min(60000, random.lognormvariate(6.3, 1.3))))
        self.send_response(random.choices(
            (200, 204, 403, 500), (94, 3, 2, 1))[0])
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer


def app():
    http.server.ThreadingHTTPServer.request_queue_size = 64
    http.server.ThreadingHTTPServer.daemon_threads = True
    http.server.ThreadingHTTPServer(("127.0.0.1", 8000), App).serve_forever()


# --- helpers --------------------------------------------------------------

def think(median, sigma=1.0, most=30.0):
    """A human pause; True while there is time left."""
    pause = min(most, R.lognormvariate(math.log(median), sigma))
    time.sleep(max(0, min(pause, END - time.time() + .5)))
    return time.time() < END


def sh(*argv, timeout=60.0, data=None):
    """Run a real program; its failures are part of life."""
    try:
        return subprocess.run(
            argv, input=data, timeout=timeout, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdin=None if data is not None else subprocess.DEVNULL).returncode
    except subprocess.TimeoutExpired:
        return -1


def size(median, sigma=1.2, most=600e3):
    return int(min(most, R.lognormvariate(math.log(median), sigma)))


ZIPF = [1 / (i + 1) ** .8 for i in range(90)]
FAVOURITES = sites()


def site():
    return R.choices(FAVOURITES, ZIPF)[0][0]


AGENTS = {"client1": "Mozilla/5.0 (X11; Linux x86_64; rv:115.0)",
          "client2": "Mozilla/5.0 (Windows NT 10.0; Win64) Gecko",
          "client3": "Mozilla/5.0 (Macintosh; Intel) AppleWebKit/605"}


def curl(*args, timeout=60.0):
    common = ["curl", "-s", "--cacert", DIR + "/ca.pem", "-A",
              AGENTS.get(HOST, "Mozilla/5.0 (" + HOST + ")"),
              "--connect-timeout", "8", "--max-time", str(int(timeout))]
    fast = HOST in ("client1", "client5", "branch2", "client7")
    if "--http1.1" not in args and "--http2" not in args:
        common.append("--http2" if fast or R.random() < .6 else "--http1.1")
    return sh(*common, *args, timeout=timeout + 5)


def urls(base, paths):
    out = []
    for path in paths:
        out += ["-o", "/dev/null", base + path]
    return out


def base_of(name):
    return ("http://" if R.random() < .2 else "https://") + name


# --- the activities ---------------------------------------------------------

def browse():
    name = site() if R.random() < .8 else "web.lab.example"
    base = base_of(name)
    for _ in range(min(7, 1 + int(R.expovariate(.6)))):
        page = R.randrange(80)
        r = random.Random(name + str(page))
        assets = ["/a/%d" % int(300 * r.random() ** 1.6)
                  for _ in range(min(25, int(r.lognormvariate(1.3, .8))))]
        # what the browser has in its cache is not asked for again
        assets = [a for a in assets if R.random() < .6]
        curl("--compressed", *urls(base, ["/p/%d" % page]))
        others = {}
        for path in assets:
            host = base if R.random() < .75 else base_of(site())
            others.setdefault(host, []).append(path)
        for host, paths in others.items():
            curl("--parallel", "--parallel-max", str(R.choice((2, 4, 6))),
                 *urls(host, paths))
        if not think(4, 1.0, 40):
            return


def keepalive():
    """One kept connection, many requests with pauses (HTTP/1.1)."""
    name = R.choice((site(), "web.lab.example", "web.lab.example"))
    ctx = ssl.create_default_context(cafile=DIR + "/ca.pem")
    if R.random() < .3:
        con = http.client.HTTPConnection(name, timeout=40)
    else:
        con = http.client.HTTPSConnection(name, timeout=40, context=ctx)
    for _ in range(1 + int(R.expovariate(.15))):
        con.request("GET", R.choice(("/app/state", "/a/%d" % R.randrange(300),
                                     "/p/%d" % R.randrange(80))),
                    headers={"User-Agent": "agent/1." + HOST[-1]})
        con.getresponse().read()
        if not think(2.5, 1.2, 50):
            break
    con.close()


def h2session():
    """One HTTP/2 connection with requests now and then."""
    paths = [R.choice(("/a/%d" % R.randrange(300), "/app/state"))
             for _ in range(2 + int(R.expovariate(.2)))]
    curl("--http2", "--rate", "%d/m" % R.randrange(8, 70),
         *urls("https://" + site(), paths), timeout=R.uniform(20, 110))


def download():
    more = []
    if R.random() < .35:
        more = ["--limit-rate", "%dk" % R.choice((15, 40, 120, 300))]
    curl(*more, *urls(base_of(site()), ["/big/%d" % R.randrange(50)]),
         timeout=R.uniform(20, 80))


def update():
    """A machine that fetches its updates, one file after another."""
    name = "https://" + FAVOURITES[R.randrange(5)][0]
    curl("--http1.1", *urls(name, ["/p/1", "/p/2"] + [
        "/%s/%d" % (R.choice(("a", "a", "big")), R.randrange(50))
        for _ in range(R.randrange(1, 9))]), timeout=80)


def upload():
    path = "%s/up.%s.%d" % (DIR, HOST, threading.get_ident())
    with open(path, "wb") as f:
        f.write(os.urandom(size(5000, 1.6, 700e3)))
    name = R.choice(("web.lab.example", "web.lab.example", site()))
    if R.random() < .5:
        curl("-F", "file=@" + path, *urls(base_of(name), ["/app/form"]))
    else:
        curl("--data-binary", "@" + path, *urls(base_of(name), ["/app/put"]))
    os.unlink(path)


def api():
    name = R.choice(("web.lab.example", site()))
    for _ in range(1 + int(R.expovariate(.7))):
        curl("-d", "q=" + "x" * size(60, 1, 3000), *urls(
            "https://" + name, ["/app/api/%d" % R.randrange(9)]))
        if not think(1, 1):
            return


def poll():
    curl(*urls("https://web.lab.example",
               ["/app/poll"] * R.randrange(1, 4)), timeout=90)


def events():
    curl(*urls("https://" + R.choice(("web.lab.example", site())),
               ["/app/events"]), timeout=90)


def odd_web():
    kind = R.randrange(4)
    base = base_of(R.choice((site(), "web.lab.example")))
    if kind == 0:
        curl(*urls(base, ["/gone/%d" % R.getrandbits(30)]))
    elif kind == 1:
        curl("-L", *urls(base, ["/moved/%d" % R.randrange(80)]))
    elif kind == 2:
        curl("-I", *urls(base, ["/p/%d" % R.randrange(80)]))
    else:
        curl(*urls(base, ["/big/%d" % R.randrange(50)]),
             timeout=R.uniform(1, 2))       # the user pressed stop


def lookup_name():
    k = R.random()
    if k < .45:
        return site()
    if k < .85:
        return "h%d.names.example" % R.randrange(400)
    if k < .95:
        return "%s.lab.example" % R.choice(("web", "mail", "files", "ns"))
    return "".join(R.choice("abcdefghiklmnoprstuvw")
                   for _ in range(R.randrange(4, 16))) + R.choice(
                       (".example", ".invalid", ".home", ".lan"))


def dns():
    server = R.choice((V4["ns"], V4["ns"], V6["ns"]))
    for _ in range(1 + int(R.expovariate(.5))):
        kind = R.random()
        if kind < .3:
            try:
                socket.getaddrinfo(lookup_name(), 443)
            except OSError:
                pass
        elif kind < .93:
            sh("kdig", "@" + server, "+timeout=3", "+retry=1",
               R.choice(("+edns", "+noedns", "+adflag")), lookup_name(),
               R.choice(("A", "A", "AAAA", "TXT", "MX", "HTTPS", "NS")))
        elif kind < .97:
            sh("kdig", "@" + server, "+timeout=3", "big.example", "TXT",
               "+bufsize=512")              # truncated, so again over TCP
        else:
            sh("kdig", "@" + server, "+tcp", lookup_name(), "A")
        if not think(.4, 1.2, 8):
            return


def doh_curl():
    """A program that resolves over HTTPS: a new DoH connection each time."""
    server = R.choice(("doh.example", "doh.example", "ns.lab.example"))
    addr = V4["ns"] if server[0] == "n" else R.choice((V4["doh"], V4["doh"],
                                                       "[%s]" % V6["doh"]))
    for _ in range(R.choice((1, 1, 2, 3))):
        curl("--doh-url", "https://%s/dns-query" % server,
             "--resolve", "%s:443:%s" % (server, addr),
             *urls("https://" + site(), ["/a/%d" % R.randrange(300)]))
        if not think(2, 1):
            return


def doh_kdig():
    """Some queries over one DoH connection, then it is closed."""
    server = R.choice(("doh.example", "doh.example", "ns.lab.example"))
    addr = V4["ns"] if server[0] == "n" else R.choice((V4["doh"], V6["doh"]))
    query = []
    for _ in range(min(30, 1 + int(R.lognormvariate(1, .9)))):
        query += [lookup_name(), R.choice(("A", "AAAA", "TXT", "HTTPS"))]
    sh("kdig", "@" + addr, "+https", "+keepopen", "+timeout=4",
       "+tls-ca=" + DIR + "/ca.pem", "+tls-hostname=" + server,
       *(["+padding"] if R.random() < .4 else []), *query)


def stub_query(sock):
    """One query to the forwarder on this host, which speaks DoH."""
    kind = R.choices((1, 28, 65, 16, 15), (10, 7, 4, 1, .5))[0]
    msg = struct.pack("!6H", R.getrandbits(16), 0x120, 1, 0, 0, 1)
    for label in lookup_name().split("."):
        msg += bytes([len(label)]) + label.encode()
    msg += struct.pack("!BHH", 0, kind, 1)
    msg += struct.pack("!BHHIH", 0, 41, 1232, 0, 0)
    sock.sendto(msg, ("127.0.0.1", 53))


def branch_users(busy):
    """The users behind a DoH forwarder: page loads are bursts of queries."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    for _ in range(1 + int(R.expovariate(1 / busy))):
        for _ in range(min(40, 1 + int(R.lognormvariate(1.2, 1)))):
            stub_query(sock)
            time.sleep(min(1, R.expovariate(12)))
        if not think(1.5, 1.2, 20):
            break
    sock.close()


def branch_night():
    """A service that looks things up steadily: mail filter, log analyser."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    rate = R.uniform(2, 25)
    stop = time.time() + R.uniform(3, 25)
    while time.time() < min(stop, END):
        stub_query(sock)
        time.sleep(R.expovariate(rate))
    sock.close()


SSH = ["-F", "/dev/null", "-o", "StrictHostKeyChecking=no",
       "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
       "-o", "ConnectTimeout=8"]


def ssh_opts():
    return SSH + ["-i", DIR + "/user_key", "-o", "BatchMode=yes"]


def ssh_host():
    if HOST == "road":
        return V4["files"]
    return R.choice(("files.lab.example", "files.lab.example", V4["files"],
                     V4["www"]))


COMMANDS = ("ls -l /etc", "uptime", "cat /etc/passwd", "ps aux", "dmesg | "
            "tail", "df -h", "vi x", "find /usr/share/doc | head -%d",
            "for i in 1 2 3 4; do date; sleep 1; done", "id", "free -m",
            "cat /etc/services", "echo hello world", "head -c %d00 /dev/zero "
            "| base64", "grep -r root /etc/pam.d", "sleep 5", "man ls | cat",
            "history", "cd /tmp", "pwd")


def ssh_session():
    """Somebody types commands, looks at the answers, makes mistakes."""
    with subprocess.Popen(
            ["ssh", "-tt", *ssh_opts(), "root@" + ssh_host()],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL) as ssh:
        try:
            think(1.5, .6, 5)
            for _ in range(1 + int(R.expovariate(.18))):
                text = R.choice(COMMANDS)
                if "%d" in text:
                    text = text % R.randrange(5, 300)
                if text == "vi x":
                    text = "echo nearly"
                for char in text:
                    ssh.stdin.write(char.encode())
                    ssh.stdin.flush()
                    time.sleep(min(1, R.lognormvariate(-2, .6)))
                    if R.random() < .03:
                        ssh.stdin.write(b"x\x7f")
                ssh.stdin.write(b"\r")
                ssh.stdin.flush()
                if not think(3.5, 1, 45):
                    break
            ssh.stdin.write(b"exit\r")
            ssh.stdin.flush()
            ssh.wait(3)
        except (OSError, subprocess.TimeoutExpired):
            pass
        finally:
            ssh.kill()


def ssh_command():
    for _ in range(R.choice((1, 1, 1, 2, 3))):
        sh("ssh", *ssh_opts(), "root@" + ssh_host(),
           R.choice(("true", "uptime", "cat /etc/services", "ls -lR /etc/ssh",
                     "sleep 2; date")))
        if not think(2, 1):
            return


def scp():
    path = "%s/scp.%s.%d" % (DIR, HOST, threading.get_ident())
    with open(path, "wb") as f:
        f.write(os.urandom(size(9000, 1.6, 900e3)))
    host = ssh_host()
    kind = R.randrange(3)
    if kind == 0:
        sh("scp", "-q", *ssh_opts(), path, "root@%s:/dev/null" % host)
    elif kind == 1:
        sh("scp", "-q", *ssh_opts(), "root@%s:%s/site/big/%d" % (
            host, DIR, R.randrange(50)), path)
    else:
        sh("sftp", "-q", *ssh_opts(), "-b", "-", "root@" + host,
           data=("ls -l %s/site/p\nget %s/site/a/%d %s\nls\n" % (
               DIR, DIR, R.randrange(300), path)).encode())
    os.unlink(path)


def git():
    env = "ssh " + " ".join(ssh_opts())
    work = "%s/git.%s.%d" % (DIR, HOST, threading.get_ident())
    url = "root@files.lab.example:%s/repo.git" % DIR
    os.environ["GIT_SSH_COMMAND"] = env
    if R.random() < .6:
        sh("git", "ls-remote", url)
        think(2, 1)
    if R.random() < .5:
        sh("git", "clone", "-q", url, work)
        shutil.rmtree(work, ignore_errors=True)


def ssh_mistake():
    """A wrong password or two, a wrong key, a changed mind."""
    kind = R.randrange(3)
    if kind == 0:
        for _ in range(R.choice((1, 1, 2))):
            sh("sshpass", "-p", "oops%d" % R.randrange(99), "ssh", *SSH,
               "-o", "PubkeyAuthentication=no",
               "-o", "NumberOfPasswordPrompts=1", "user@" + V4["files"],
               "true")
            think(3, .5)
        ssh_command()
    elif kind == 1:
        sh("ssh", *SSH, "-o", "BatchMode=yes", "guest@" + V4["files"], "true")
    else:
        tcp(V4["files"], 22, R.uniform(.1, 9))


def mail_send():
    ctx = ssl.create_default_context(cafile=DIR + "/ca.pem")
    with smtplib.SMTP("mail.lab.example", 25, timeout=30) as con:
        if R.random() < .7:
            con.starttls(context=ctx)
        for _ in range(R.choice((1, 1, 1, 2, 4))):
            to = ["user%d@lab.example" % R.randrange(6)
                  for _ in range(R.choice((1, 1, 2, 3)))]
            body = os.urandom(size(1500, 1.4, 300e3)).hex()
            lines = "\r\n".join(body[i:i + 72]
                                for i in range(0, len(body), 72))
            con.sendmail("%s@lab.example" % HOST, to,
                         "Subject: %s\r\n\r\n%s\r\n" % ("re " * R.randrange(9),
                                                        lines))
            think(.3, 1, 4)


def mail_read():
    ctx = ssl.create_default_context(cafile=DIR + "/ca.pem")
    user = "user%d" % R.randrange(6)
    if R.random() < .8:
        con = imaplib.IMAP4_SSL("mail.lab.example", ssl_context=ctx,
                                timeout=60)
    else:
        con = imaplib.IMAP4("mail.lab.example", timeout=60)
        con.starttls(ctx)
    con.login(user, "secret")
    con.list()
    _, data = con.select("INBOX")
    count = int(data[0] or 0)
    con.fetch("1:*", "(FLAGS)") if count else con.noop()
    for _ in range(min(count, int(R.expovariate(.4)))):
        con.fetch(str(R.randrange(1, count + 1)), "(BODY[])")
        if not think(3, 1):
            break
    while R.random() < .6 and think(12, .7, 38):    # new mail?
        con.noop()
    con.logout()


def ftp():
    con = ftplib.FTP("files.lab.example", timeout=20)
    con.login("anonymous", HOST + "@lab.example")
    con.retrlines("LIST", lambda line: None)
    for _ in range(1 + int(R.expovariate(.6))):
        if R.random() < .7:
            con.retrbinary("RETR pub/%s/%d" % (R.choice(("a", "p")),
                                               R.randrange(80)),
                           lambda data: None)
        else:
            with open("%s/site/a/%d" % (DIR, R.randrange(200)), "rb") as f:
                con.storbinary("STOR upload/%d" % R.getrandbits(40), f)
        if not think(2, 1, 20):
            break
    con.quit()


def ping():
    target = R.choice((V4["web"], V4["ns"], V4["www"], V4["far"], V6["web"],
                       V6["cdn"], "10.20.0.1"))
    sh("ping", "-q", "-n", "-c", str(R.choice((1, 3, 4, 5, 10))), "-s",
       str(R.choice((56, 56, 56, 32, 200, 1000))), "-i",
       str(R.choice((.3, 1, 1))), target)


def ntp_once():
    sh("chronyd", "-Q", "-f", "/dev/null", "-t", "8", "-u", "root",
       "server %s iburst" % V4["ntp"], "cmdport 0", "pidfile /")


def syslog():
    for _ in range(min(12, 1 + int(R.lognormvariate(.6, .9)))):
        sh("logger", "-n", V4["mon"], "-P", "514", "-d", "-t",
           R.choice(("cron", "kernel", "sshd", "app")), "-p",
           R.choice(("daemon.info", "auth.warning", "user.notice")),
           "".join(R.choice("abcdefg hijk lmnop 0123") for _ in
                   range(size(70, .7, 700))))
        if not think(.3, 1.5, 8):
            return


def tcp(host, port, hold, send=b""):
    """A plain TCP connection that is held for a while."""
    with socket.create_connection((host, port), timeout=6) as con:
        con.settimeout(max(.1, hold))
        if send:
            con.sendall(send)
        try:
            con.recv(4096)
        except OSError:
            pass
        time.sleep(max(0, min(hold, END - time.time())))


def refused():
    """Something that is not there (any more): a refusal, or no answer."""
    kind = R.random()
    if kind < .8:
        for _ in range(R.choice((1, 1, 1, 2, 3))):
            try:
                tcp(R.choice((V4["web"], V4["mail"], V4["files"], V4["cdn"],
                              V6["web"])),
                    R.choice((8080, 3128, 445, 631, 5222, 110, 8443)), 0)
            except OSError:
                pass
            think(1, .5)
    else:
        tcp("10.20.1.%d" % R.choice((30, 99)), R.choice((445, 9100)), 0)


def idle():
    host, port = R.choice((("web.lab.example", 80), (V4["mail"], 143),
                           (V4["files"], 21), ("web.lab.example", 80)))
    tcp(host, port, R.uniform(5, 55),
        b"GET /p/3 HTTP/1.1\r\nHost: web.lab.example\r\n\r\n"
        if port == 80 else b"")


def mdns():
    for family, group in ((socket.AF_INET, "224.0.0.251"),
                          (socket.AF_INET6, "ff02::fb%eth0")):
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            try:
                s.bind(("" if family == socket.AF_INET else "::", 5353))
            except OSError:
                continue
            name = R.choice((b"\x05_http", b"\x04_ipp", b"\x0b_googlecast",
                             b"\x04_smb"))
            msg = b"\0\0\0\0\0\1\0\0\0\0\0\0" + name + \
                b"\x04_tcp\x05local\0\0\x0c\0\1"
            for _ in range(R.choice((1, 2, 3))):
                s.sendto(msg, socket.getaddrinfo(
                    group, 5353, family, socket.SOCK_DGRAM)[0][4])
                time.sleep(R.uniform(.2, 1.2))


def call():
    """A voice call: RTP-like datagrams both ways, echoed by `mon`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setblocking(False)
        s.connect((V4["mon"], 7000))
        ssrc, stop = R.getrandbits(32), time.time() + R.uniform(2, 7)
        seq = R.randrange(9999)
        while time.time() < min(stop, END):
            seq += 1
            if R.random() < .75:        # silence is not sent
                s.send(struct.pack("!BBHII", 128, 8, seq, seq * 160, ssrc)
                       + bytes(R.choice((160, 160, 164))))
            time.sleep(.04)


def echo_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((V4["mon"], 7000))
        while True:
            data, peer = s.recvfrom(2048)
            if random.random() < .7:
                time.sleep(random.random() * .004)
                s.sendto(data[:12] + bytes(random.choice((160, 160, 80))),
                         peer)


def health():
    """The monitoring host looks at one service after another."""
    for check in R.sample(range(9), R.randrange(3, 9)):
        try:
            if check == 0:
                curl("-I", *urls("https://web.lab.example", ["/p/1"]))
            elif check == 1:
                tcp(V4["files"], 22, .1)
            elif check == 2:
                tcp(V4["mail"], 25, .1)
            elif check == 3:
                sh("ping", "-q", "-n", "-c", "2", "-i", ".4", R.choice(
                    list(V4.values())))
            elif check == 4:
                sh("kdig", "@" + V4["ns"], "www.lab.example")
            elif check == 5:
                curl(*urls("http://web.lab.example", ["/app/health"]))
            elif check == 6:
                tcp(V4["mail"], 993, 0)
            elif check == 7:
                tcp(V4["files"], 21, .2)
            else:
                curl(*urls("https://" + FAVOURITES[2][0], ["/p/0"]))
        except OSError:
            pass
        time.sleep(R.uniform(.1, 1.5))


def picture():
    path = "%s/pic.%s" % (DIR, HOST)
    with open(path, "wb") as f:
        f.write(os.urandom(size(9000, .5, 80e3)))
    curl("--http1.1", "-T", path, *urls("http://" + V4["nvr"], [
        "/put/%d" % R.randrange(50)]))


def outside_dns():
    """Somebody out there asks our site's names at the outside resolver."""
    sh("kdig", "@" + V4["doh"], "web.lab.example")


# What each host does, and how often a minute.
OFFICE = {browse: 3.2, keepalive: .7, h2session: .4, download: .5, upload: .5,
          api: 1, odd_web: .5, dns: 1.5, mail_send: .5, mail_read: .8,
          ping: .15, syslog: .5, refused: .18, idle: .2, mdns: .25,
          ntp_once: .1, poll: .2, events: .15}
HABITS = {
    "client1": OFFICE,
    "client2": {**OFFICE, ftp: .4, ssh_command: .3, scp: .4, call: .25},
    # an administrator
    "client3": {**OFFICE, browse: 2, ssh_session: 1.3, ssh_command: 1,
                scp: .7, git: .6, ping: .8, dns: 3, ssh_mistake: .25},
    # a developer
    "client4": {**OFFICE, browse: 2.5, git: 1.2, ssh_session: .7, api: 2,
                download: .8, doh_kdig: .8, ssh_mistake: .2},
    # a server room machine: updates, backups, logs
    "client5": {update: .8, scp: 1, syslog: 2, dns: 2, ntp_once: .3, ftp: .6,
                api: 1.5, mail_send: .6, ssh_command: .8, ping: .2,
                refused: .15},
    # at home, over a slow line; the browser resolves over HTTPS
    "client6": {**OFFICE, browse: 2, doh_curl: 2, doh_kdig: 1, call: .3},
    "client7": {**OFFICE, browse: 2.4, download: .8, doh_curl: 1.2,
                events: .3, poll: .4},
    "client8": {**OFFICE, browse: 4, mdns: .6, call: .3, ftp: .2,
                ssh_mistake: .1},
    "mon": {health: 6, dns: 1, syslog: .5, ping: 1.5},
    "branch1": {branch_users: 6, branch_night: .7, browse: .8, ntp_once: .1},
    "branch2": {branch_users: 12, branch_night: 1.2, update: .3, api: .5},
    "branch3": {branch_users: 1.6, browse: .8, keepalive: .4},
    "cam": {picture: 9},
    "nvr": {mdns: .4},
    "road": {outside_dns: .5, ssh_session: .3, ssh_command: .3, mail_send: .8,
             mail_read: .3, refused: .15},
}
PACE = {"branch1": .8, "branch2": .7, "branch3": 1, "cam": .7, "mon": .5,
        "road": .7, "client2": .5, "client3": .6, "client4": .55, "client5": .7}
BUSY = {"branch1": 3, "branch2": 5, "branch3": 1.5}


def outside_visit():
    """Visitors from outside read our web site."""
    base = base_of("web.lab.example")
    paths = ["/p/%d" % R.randrange(80)] + [
        "/a/%d" % R.randrange(300) for _ in range(R.randrange(0, 8))]
    curl("--resolve", "web.lab.example:443:" + V4["web"], "--resolve",
         "web.lab.example:80:" + V4["web"], "--parallel", *urls(base, paths))


HABITS["road"][outside_visit] = 3


def run_one(what):
    try:
        if what is branch_users:
            what(BUSY[HOST])
        else:
            what()
    except (OSError, EOFError, ssl.SSLError, smtplib.SMTPException,
            imaplib.IMAP4.error, ftplib.Error, http.client.HTTPException,
            ValueError) as error:
        if os.environ.get("LAB_DEBUG"):
            print(HOST, what.__name__, repr(error), file=sys.stderr)


def life(seconds):
    global END                  # pylint: disable=global-statement
    END = time.time() + seconds
    if HOST == "mon":
        threading.Thread(target=echo_server, daemon=True).start()
    habits = HABITS[HOST]
    total = sum(habits.values()) * PACE.get(HOST, .4)
    phase, period = R.uniform(0, 6.3), R.uniform(90, 240)
    threads = []
    while True:
        swing = 1 + .6 * math.sin(phase + 6.283 * time.time() / period)
        time.sleep(min(60 / total / swing * R.expovariate(1),
                       max(0, END - time.time())))
        if time.time() >= END:
            break
        threads = [t for t in threads if t.is_alive()]
        if len(threads) < 12:
            what = R.choices(list(habits), list(habits.values()))[0]
            threads.append(threading.Thread(target=run_one, args=(what,),
                                            daemon=True))
            threads[-1].start()
    for thread in threads:
        thread.join(max(.1, END + 4 - time.time()))


def mini():
    """Every protocol once, small."""
    global END                  # pylint: disable=global-statement
    END = time.time() + 20
    if HOST == "cam":
        picture()
        return
    if HOST == "branch3":
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(15):
            stub_query(sock)
            time.sleep(.2)
        return
    small = min(range(300), key=lambda i: os.path.getsize(
        "%s/site/a/%d" % (DIR, i)))
    one = "/a/%d" % small
    curl("--http2", *urls("https://web.lab.example", [one, one]))
    curl("--http1.1", *urls("http://web.lab.example", [one, "/gone"]))
    curl("-6", "--http1.1", *urls("https://" + "web.lab.example", [one]))
    curl(*urls("https://" + site(), [one]))
    sh("ping", "-q", "-n", "-c", "3", "-i", ".2", V4["web"])
    sh("ping", "-q", "-n", "-c", "2", "-i", ".2", V6["cdn"])
    for kind in ("A", "AAAA", "TXT", "HTTPS"):
        sh("kdig", "@" + V4["ns"], lookup_name(), kind)
    sh("kdig", "@" + V6["ns"], site(), "A")
    sh("kdig", "@" + V4["ns"], "big.example", "TXT", "+bufsize=512")
    sh("kdig", "@" + V4["doh"], "+https", "+tls-ca=" + DIR + "/ca.pem",
       "+tls-hostname=doh.example", "+keepopen", site(), "A", site(), "AAAA")
    sh("ssh", *ssh_opts(), "root@" + V4["files"], "uptime")
    for what in (lambda: tcp(V4["web"], 8080, 0), ntp_once, mdns,
                 lambda: tcp(V4["mail"], 25, .1), mail_send,
                 lambda: sh("logger", "-n", V4["mon"], "-P", "514", "-d",
                            "-t", "app", "hello")):
        run_one(what)
    with ftplib.FTP("files.lab.example", timeout=9) as con:
        con.login()
        con.retrbinary("RETR pub" + one, lambda data: None)


def main():
    global DIR, HOST            # pylint: disable=global-statement
    what = sys.argv[1]
    if what == "zone":
        write_zone(sys.argv[2])
    elif what == "site":
        write_site(sys.argv[2])
    elif what == "app":
        app()
    else:
        HOST, DIR = sys.argv[2], sys.argv[-1]
        if what == "life":
            R.seed(HOST + sys.argv[4])
            life(float(sys.argv[3]))
        else:
            R.seed("mini" + HOST)
            mini()


if __name__ == "__main__":
    main()
