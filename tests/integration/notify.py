"""TAP: a service manager in small. Starts da3dd with NOTIFY_SOCKET, WATCHDOG_USEC and two listening
sockets, and looks at what it says. Usage: notify.py DA3DD MODEL FOLDER, in a network namespace of its
own."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time

DA3DD, MODEL, FOLDER = sys.argv[1:]
WATCHDOG_S = 1.0
PTRACE_ATTACH, PTRACE_DETACH = 16, 17

failed = False


def check(name, ok):
    global failed
    print("ok" if ok else "not ok", "-", name, flush=True)
    failed |= not ok


def listening(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen()
    return listener


def ask(path, command):
    """What the service answers, as a line; empty if it does not."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect(path)
        client.sendall(b'{"command":"%s"}\n' % command.encode())
        try:
            return client.makefile().readline()
        except TimeoutError:
            return ""


class Manager:
    def __init__(self):
        self.path = FOLDER + "/notify"
        self.scores = FOLDER + "/scores.sock"
        self.inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.inbox.bind(self.path)
        self.control = FOLDER + "/handed-over.sock"
        self.listeners = [listening(self.control), listening(self.scores)]

    def start(self):
        """The shell gives LISTEN_PID the process id that da3dd keeps."""
        fds = [listener.fileno() for listener in self.listeners]
        words = [DA3DD, "-i", "lo", "--model", MODEL, "--set", "outputs.0.type=socket"]
        words += ["--set", "outputs.0.path=" + self.scores]
        words += ["--set", f"control.path={FOLDER}/configured.sock"]
        environment = dict(os.environ, NOTIFY_SOCKET=self.path, LISTEN_FDS="2")
        environment["LISTEN_FDNAMES"] = "control:scores"
        environment["WATCHDOG_USEC"] = str(int(WATCHDOG_S * 1e6))
        command = ["sh", "-c", f'LISTEN_PID=$$ exec "$@" 3<&{fds[0]} 4<&{fds[1]}', "sh"] + words
        self.log = open(FOLDER + "/err", "w")
        self.child = subprocess.Popen(
            command, env=environment, pass_fds=fds, stdout=self.log, stderr=self.log
        )

    def message(self, seconds):
        """The next one as a dictionary, None if none comes."""
        self.inbox.settimeout(max(seconds, 0.001))
        try:
            lines = self.inbox.recv(65536).decode().split("\n")
        except TimeoutError:
            return None
        return dict(line.split("=", 1) for line in lines if line)

    def wait_for(self, key, seconds=10.0):
        """The next message with this key."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.message(end - time.monotonic())
            if found and key in found:
                return found
        return None

    def watchdogs(self, seconds):
        """How often it is fed in so many seconds from now."""
        while self.message(0):
            pass
        end, n = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            found = self.message(end - time.monotonic())
            n += bool(found and "WATCHDOG" in found)
        return n


def halted(manager, task, libc):
    """The watchdog's meals in two periods, after one to finish, while one thread stands still."""
    libc.ptrace(PTRACE_ATTACH, task, None, None)
    os.waitpid(task, 0x40000000)  # __WALL
    time.sleep(WATCHDOG_S)
    n = manager.watchdogs(2 * WATCHDOG_S)
    libc.ptrace(PTRACE_DETACH, task, None, None)
    return n


def run(manager):
    libc = ctypes.CDLL(None)
    manager.start()
    ready = manager.wait_for("READY")
    check("READY=1 once it listens", ready and ready["READY"] == "1")
    check("with the status", ready and ready.get("STATUS", "").startswith("1 of 1 captures up; "))
    check("the control socket is the one of that name", '"ok":true' in ask(manager.control, "status"))
    check("and no other is made", not os.path.exists(FOLDER + "/configured.sock"))
    reader = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    reader.connect(manager.scores)
    check("WATCHDOG=1 twice in each period", manager.watchdogs(3 * WATCHDOG_S) >= 5)

    tasks = [int(task) for task in os.listdir(f"/proc/{manager.child.pid}/task")]
    threads = [task for task in tasks if task != manager.child.pid]
    check("a capture thread and a scoring thread", len(threads) == 2)
    for task in threads:
        check("not while a thread stands still", halted(manager, task, libc) == 0)
    check("again once all get on", manager.watchdogs(2 * WATCHDOG_S) >= 2)

    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    manager.child.send_signal(signal.SIGHUP)
    reloading = manager.wait_for("RELOADING")
    stamp = int(reloading["MONOTONIC_USEC"]) if reloading else 0
    check("RELOADING=1, stamped", before <= stamp <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
    check("then READY=1", manager.wait_for("READY"))
    status = manager.wait_for("STATUS", 12)
    check("STATUS every ten seconds", status and "READY" not in status)

    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.sendto(b"x", ("127.0.0.1", 9))
    time.sleep(0.3)
    manager.child.send_signal(signal.SIGTERM)
    since = time.monotonic()
    check("STOPPING=1", manager.wait_for("STOPPING"))
    check("then it ends with status 0", manager.child.wait(10) == 0)
    check("within 5 s", time.monotonic() - since < 5)
    reader.settimeout(5)
    check("the socket handed over brought the flow", b'"dest_port":9,' in reader.recv(1 << 20))
    check("and is left in place", os.path.exists(manager.scores))
    check("as is the control socket", os.path.exists(manager.control))


subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
the_manager = Manager()
try:
    run(the_manager)
finally:
    if the_manager.child.poll() is None:
        the_manager.child.kill()
sys.exit(failed)
