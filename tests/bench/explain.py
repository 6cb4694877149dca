#!/usr/bin/env python3
"""Which features does a score fall without? The deletion test (Samek et al., "Evaluating the
Visualization of What a Deep Neural Network Has Learned", 2017) of da3dd's contributions, beside
integrated gradients by finite differences, leaving out one column at a time, and chance.

    tests/bench/explain.py [FEATURE SET...]     (default: flow kdd)

Learns the lab's normal recording; of the flows of the other one that reach the threshold, a sample has
the columns that contribute most replaced by the typical normal flow's: mean logit that is left."""
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

root = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "tests/golden"))
from model_numpy import Model  # noqa: E402

DELETED, SAMPLE, STEPS, SMALL = (1, 2, 3, 5, 8, 12), 50, 16, 1e-3
lab = root / "tests/lab/captures"


def da3dd(*args):
    return subprocess.run([root / "build/da3dd", *args, "--quiet"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.splitlines()


def number(cell, grouped):
    return np.nan if grouped and cell in ("", "-1", "-10", "-0.0") else float(cell)


def alerts(model, path, features):
    """Inputs of a sample of the alerts; a CSV's marks of missing values may be values, too: only
    rows that numpy scores as the program does."""
    found = []
    events = map(json.loads, da3dd("-r", lab / "test.pcap.gz", "--model", path))
    rows = csv.reader(da3dd("--extract", lab / "test.pcap.gz", "--features", features)[1:])
    for event, row in zip(events, rows):
        if event["event_type"] != "alert":
            continue
        x = model.input_of([number(cell, column.group) if column.values is None else cell
                            for column, cell in zip(model.columns, row[6:])])
        if abs(model.look(x)[0] - event["da3d"]["logit"]) < 0.01:
            found.append(x)
    chosen = np.random.default_rng(1).permutation(len(found))[:SAMPLE]
    return [found[i] for i in chosen]


def gradients(model, x, baseline):
    """Of the mean of the views' logarithms, integrated along the straight path."""
    def value(point):
        return np.mean([np.log(terms.sum() + 1e-6) for terms in model.terms(point)])

    shares = np.zeros(len(x))
    for i in np.flatnonzero(x != baseline):
        side = np.zeros(len(x))
        side[i] = SMALL
        for step in (np.arange(STEPS) + 0.5) / STEPS:
            point = baseline + step * (x - baseline)
            shares[i] += (value(point + side) - value(point - side)) / (2 * SMALL * STEPS)
    return model.by_column(shares * (x - baseline))


def without(model, x, baseline, columns):
    return np.where(np.isin(model.column, columns), baseline, x)


def one_out(model, x, baseline):
    return np.array([-model.look(without(model, x, baseline, [c]))[0]
                     for c in range(len(model.columns))])


def left(model, x, baseline, order):
    return [model.look(without(model, x, baseline, order[:n]))[0] for n in DELETED]


def run(features, folder):
    path = str(Path(folder) / features)
    da3dd("--train", lab / "train.pcap.gz", "--features", features, "--model", path)
    subprocess.run([root / "build/release/tests/bench/explain", path], check=True)
    model, chance = Model(path), np.random.default_rng(2)
    baseline, rows = model.baseline(), alerts(model, path, features)
    print(f"{features}: {len(rows)} alerts, logit {np.mean([model.look(x)[0] for x in rows]):.2f}, "
          f"typical flow {model.look(baseline)[0]:.2f}; columns replaced: {DELETED}")
    for name, rank in {
            "contributions": lambda x: model.contributions(x),
            "one column out": lambda x: one_out(model, x, baseline),
            "integrated gradients": lambda x: gradients(model, x, baseline),
            "chance": lambda x: chance.random(len(model.columns))}.items():
        means = np.mean([left(model, x, baseline, np.argsort(-rank(x))) for x in rows], axis=0)
        print(f"  {name:22}" + "".join(f"{mean:7.2f}" for mean in means), flush=True)


with tempfile.TemporaryDirectory() as scratch:
    for name in sys.argv[1:] or ["flow", "kdd"]:
        run(name, scratch)
