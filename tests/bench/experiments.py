"""What benches of da3dd on labelled tables share: running it, tables, and a ledger of results.

A run is a typing.NamedTuple that says what is tried, a result one that says what came out, of which
auc and ap are shown at once. Each finished run is one line of the ledger, so that a second start
goes on where the first one ended.
"""
import csv
import lzma
import os
import random
import resource
import statistics
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed


def da3dd(program, *arguments):
    """Runs the program on one BLAS thread; returns its standard output and processor seconds."""
    command = [program, *map(str, arguments)]
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return done.stdout, seconds


def read_table(path):
    """Header and rows of a CSV file, plain or .xz, as lists of words."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", newline="") as lines:
        header, *rows = csv.reader(lines)
    return header, rows


def write_table(path, header, rows):
    with path.open("w", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([header, *rows])


def polluted(rows, anomalies, percent, seed):
    """The rows, with anomalies behind them until those are percent of the whole, or all used up."""
    wanted = min(round(len(rows) * percent / (100 - percent)), len(anomalies))
    return rows + random.Random(seed).sample(anomalies, wanted)


def record(kind, row):
    """A line of the ledger as a run or as a result."""
    return kind(*(type_(row[name]) for name, type_ in kind.__annotations__.items()))


class Ledger:
    """The results so far by their runs, in memory and in a file.

    A file with other columns is put aside.
    """

    def __init__(self, path, run_kind, result_kind):
        self.results = {}
        columns = [*run_kind._fields, *result_kind._fields]
        if path.exists():
            with path.open(newline="") as lines:
                rows = csv.DictReader(lines)
                known = rows.fieldnames == columns
                if known:
                    self.results = {record(run_kind, row): record(result_kind, row)
                                    for row in rows}
            if not known:
                path.replace(path.with_suffix(".old"))
        fresh = not path.exists()
        self.file = path.open("a", newline="", buffering=1)
        self.writer = csv.writer(self.file, lineterminator="\n")
        if fresh:
            self.writer.writerow(columns)

    def add(self, run, result):
        self.results[run] = result
        self.writer.writerow([*run, *result])
        tell(run, f"AUC {result.auc:.4f} AP {result.ap:.4f}")


def tell(run, news):
    print(" ".join(str(word) for word in run if word != ""), news, sep=": ", file=sys.stderr)


def perform_all(perform, runs, ledger, jobs):
    """Performs the runs that the ledger has not, so many at a time, each in a process of the pool.

    perform: from a run to its result. A RuntimeError of one is told and does not stop the others.
    Returns whether there was none.
    """
    good = True
    with ProcessPoolExecutor(jobs) as pool:
        futures = {pool.submit(perform, run): run for run in runs if run not in ledger.results}
        for future in as_completed(futures):
            try:
                ledger.add(futures[future], future.result())
            except RuntimeError as error:
                tell(futures[future], error)
                good = False
    return good


def spread(values):
    return statistics.stdev(values) if len(values) > 1 else 0.0


def numbers(text):
    return [int(word) for word in text.split(",")]
