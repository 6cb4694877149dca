"""Splits of a labelled set into training rows, anomalies to pollute them with, and test rows.

A set is a folder with {train,anomalies,test}.csv.xz, of which test.csv.xz has a column 'label', 0
for normal rows and 1 for anomalies. Normal rows (train's, and test's of label 0) and anomalies are
pooled and shuffled anew for each split; the test has as many of both as the given one. NSL-KDD
alone keeps its given test, since that is of another distribution on purpose, and learns from a
random 80 % of its training rows. Split 0 is the set as it is given."""
import random
import typing

from experiments import read_table

OWN_TEST = {"kdd"}


class Split(typing.NamedTuple):
    header: list
    train: list     # rows, as all others lists of words
    anomalies: list # none of them in the test
    test: list
    labels: list    # of the test's rows: 0, 1


def read_labelled(path):
    """Header without the label, and rows without it: normal ones, anomalies."""
    header, rows = read_table(path)
    try:
        at = header.index("label")
    except ValueError:
        raise SystemExit(f"{path}: no column 'label'") from None
    parts = {"0": [], "1": []}
    for number, row in enumerate(rows, 2):
        if row[at] not in parts:
            raise SystemExit(f"{path}: line {number}: label '{row[at]}' is neither 0 nor 1")
        parts[row[at]].append(row[:at] + row[at + 1:])
    return header[:at] + header[at + 1:], parts["0"], parts["1"]


def shuffled(rows, rng):
    return rng.sample(rows, len(rows))


def split_set(folder, number):
    """The split of that number; the same number, the same split."""
    header, train = read_table(folder / "train.csv.xz")
    anomalies_header, anomalies = read_table(folder / "anomalies.csv.xz")
    test_header, normal, abnormal = read_labelled(folder / "test.csv.xz")
    if not header == anomalies_header == test_header:
        raise SystemExit(f"{folder}: train, anomalies and test have other columns")
    rng = random.Random(f"{folder.name} {number}")
    if number != 0 and folder.name in OWN_TEST:
        train = rng.sample(train, round(0.8 * len(train)))
    elif number != 0:
        n, m = len(normal), len(abnormal)
        train = shuffled(train + normal, rng)
        anomalies = shuffled(anomalies + abnormal, rng)
        normal, train = train[:n], train[n:]
        abnormal, anomalies = anomalies[:m], anomalies[m:]
    labels = [0] * len(normal) + [1] * len(abnormal)
    return Split(header, train, anomalies, normal + abnormal, labels)
