"""A run of make compare: a method learns a split of a set, or the lab's captures, and is judged."""
import csv
import json
import pathlib
import time
import typing

import numpy
import sklearn
from sklearn.metrics import average_precision_score, roc_auc_score
from threadpoolctl import threadpool_limits

from experiments import da3dd, polluted, write_table
from inputs import SCALINGS, Inputs
from methods import OPTIONS, PEER_METHODS
from splits import split_set

LAB, LAB_SEEDS, LAB_CAPTURES = "lab", (1, 2, 3), pathlib.Path("tests/lab/captures")


class Run(typing.NamedTuple):
    set: str
    pollution: int # percent asked for
    split: int
    method: str
    seed: int
    epochs: str    # of da3dd; empty: its own
    program: str   # whose result it is: da3dd's digest, or scikit-learn's version


class Result(typing.NamedTuple):
    auc: float
    ap: float
    recall_1: float      # at 1 % false alarms
    recall_01: float     # at 0.1 %
    train_seconds: float
    score_us: float      # per row
    train_rows: int
    anomalous_rows: int  # of them; fewer than asked for where the set has no more
    kinds: str           # the lab's: kind=recall at 1 % false alarms, with spaces between


def recall_at(rate, scores, labels):
    """Where at most that share of normal rows scores higher than the threshold."""
    normal = numpy.sort(scores[labels == 0])[::-1]
    return float((scores[labels == 1] > normal[int(rate * len(normal))]).mean())


class Cell:
    """A split, polluted, as files in a folder: tables for da3dd, matrices for the peers."""

    def __init__(self, options, name, pollution, number):
        self.folder = options.out / "cell"
        self.folder.mkdir(exist_ok=True)
        split = split_set(options.data / name, number)
        train = polluted(split.train, split.anomalies, pollution, number)
        self.train_rows, self.anomalous_rows = len(train), len(train) - len(split.train)
        self.labels = numpy.array(split.labels)
        write_table(self.folder / "train.csv", split.header, train)
        write_table(self.folder / "test.csv", split.header, split.test)
        for scaling in SCALINGS:
            inputs = Inputs(train, scaling)
            for part, rows in (("train", train), ("test", split.test)):
                numpy.save(self.matrix_path(part, scaling), inputs(rows).astype(numpy.float32))

    def matrix_path(self, part, scaling):
        return self.folder / f"{part}-{scaling}.npy"

    def matrix(self, part, scaling):
        return numpy.load(self.matrix_path(part, scaling)).astype(float)


def train_arguments(run):
    epochs = ["--epochs", run.epochs] if run.epochs else []
    return ["--quiet", "--threads", 1, "--seed", run.seed, *epochs, *OPTIONS[run.method]]


def score_da3dd(program, cell, run):
    """Scores of the test's rows; processor seconds of training and of scoring."""
    model = cell.folder / f"{run.method}-{run.seed}.da3d"
    _, train = da3dd(program, "--train", cell.folder / "train.csv", "--model", model,
                     *train_arguments(run))
    text, score = da3dd(program, "--score", cell.folder / "test.csv", "--model", model, "--quiet")
    model.unlink()
    scores = [float(row["logit"]) for row in csv.DictReader(text.splitlines())]
    return numpy.array(scores), train, score


def score_peer(cell, run):
    learn, scaling = PEER_METHODS[run.method]
    train, test = cell.matrix("train", scaling), cell.matrix("test", scaling)
    with threadpool_limits(1):
        started = time.process_time()
        scorer = learn(train, run.seed)
        learned = time.process_time()
        scores = scorer(test)
        return scores, learned - started, time.process_time() - learned


def perform(program, cell, run):
    scores, train, score = (score_da3dd(program, cell, run) if run.method in OPTIONS
                            else score_peer(cell, run))
    return Result(roc_auc_score(cell.labels, scores), average_precision_score(cell.labels, scores),
                  recall_at(0.01, scores, cell.labels), recall_at(0.001, scores, cell.labels),
                  round(train, 3), round(1e6 * score / len(scores), 2), cell.train_rows,
                  cell.anomalous_rows, "")


def perform_lab(program, folder, run):
    """Captures instead of tables; rows are flows, and scoring has decoding the packets in it."""
    model = folder / f"lab-{run.method}-{run.seed}.da3d"
    _, train = da3dd(program, "--train", LAB_CAPTURES / "train.pcap.gz", "--model", model,
                     *train_arguments(run))
    text, score = da3dd(program, "--eval", LAB_CAPTURES / "test.pcap.gz", "--labels",
                        LAB_CAPTURES / "test.labels.csv", "--model", model, "--json", "--quiet")
    model.unlink()
    report = json.loads(text)
    attacks = report["attacks"]
    kinds = " ".join(f"{k['label']}={k['share_at_fpr_0.01']:.4f}" for k in report["kinds"])
    return Result(report["auc"], report["ap"], attacks["share_at_fpr_0.01"],
                  attacks["share_at_fpr_0.001"], round(train, 3),
                  round(1e6 * score / report["flows"], 2), 0, 0, kinds)


def run_of(options, name, pollution, split, method, seed):
    peer = method in PEER_METHODS
    return Run(name, pollution, split, method, seed, "" if peer else options.epochs,
               f"sklearn-{sklearn.__version__}" if peer else options.digest)


def runs_of_cell(options, name, pollution, split):
    return [run_of(options, name, pollution, split, method, seed)
            for method in options.methods for seed in options.seeds]


def runs_of_lab(options):
    if not options.lab:
        return []
    seeds = options.seeds[:1] if options.quick else LAB_SEEDS
    return [run_of(options, LAB, 0, 1, method, seed)
            for method in options.methods if method in OPTIONS for seed in seeds]
