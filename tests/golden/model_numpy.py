"""Scores and explanations by numpy, from a model file alone, as da3dd-model(5) and da3dd(8) describe
them: written beside the program, so that neither can be wrong alone. The default views:
residual, prototypes, components, and novelty where a column is an identity."""
import math
import struct

import numpy as np

RESIDUAL, PROTOTYPES, COMPONENTS, NOVELTY = 1, 2, 3, 4
WEIGHTS = {RESIDUAL: 1, PROTOTYPES: 1, COMPONENTS: 1, NOVELTY: 2}
CATEGORICAL, IDENTITY = 1, 2
NEAR, TAIL_SHARE, EVIDENCE_MAX, LOG_FROM, SCORE_MAX = 4, 0.1, 500, 1e-6, 6


class Reader:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes, self.at = file.read(), 0

    def take(self, kind):
        value, = struct.unpack_from("<" + kind, self.bytes, self.at)
        self.at += struct.calcsize("<" + kind)
        return value

    def list(self, kind, n):
        return np.array([self.take(kind) for _ in range(n)], dtype=float)

    def floats(self, n):
        values = np.frombuffer(self.bytes, "<f4", n, self.at).astype(float)
        self.at += 4 * n
        return values

    def name(self, size=64):
        return self.take(f"{size}s").split(b"\0")[0].decode()

    def widths(self):
        return [self.take("I") for _ in range(self.take("I"))]


class Column:
    def __init__(self, reader):
        self.name, self.group, kind = reader.name(), reader.take("I"), reader.take("I")
        self.identity = kind == IDENTITY
        self.values = None
        if kind == CATEGORICAL:
            sizes = range(reader.take("I"))
            self.values = [reader.take(f"{reader.take('I')}s").decode() for _ in sizes]

    def summary(self, reader):
        reader.take("d")
        n = 0 if self.identity else 26 if self.values is None else len(self.values) + 1
        self.share = reader.list("d", n)

    def scaler(self, reader):
        reader.take("d"), reader.take("d")
        self.fill = reader.take("f")
        knots = reader.list("d", 2 * reader.take("I")).reshape(-1, 2)
        self.knots, self.scores = knots[:, 0], knots[:, 1]

    def scale(self, x):
        """The normal score of a number."""
        if len(self.knots) == 0:
            return 0.0
        width = self.knots[-1] - self.knots[0] or 1.0
        score = np.interp(x, self.knots, self.scores)
        score += math.log1p(max(x - self.knots[-1], 0.0) / width)
        score -= math.log1p(max(self.knots[0] - x, 0.0) / width)
        return min(max(score, -SCORE_MAX), SCORE_MAX)


class Model:
    def __init__(self, path):
        r = Reader(path)
        assert r.take("8s") == b"DA3DMODL" and r.take("I") == 7
        r.name()
        self.columns = [Column(r) for _ in range(r.take("I"))]
        r.list("I", 4)
        encoder = r.widths()
        r.widths(), r.widths(), r.widths()
        r.list("I", 4), r.list("f", 2)
        assert r.take("I") == 1, "rank-gauss"
        r.list("I", 2), r.take("f"), r.take("I")
        identities = any(column.identity for column in self.columns)
        views = [RESIDUAL, PROTOTYPES, COMPONENTS] + [NOVELTY] * identities
        assert r.take("I") == sum(1 << view for view in views)
        weights = np.array([WEIGHTS[view] for view in views])
        self.weights = weights / weights.sum()
        r.take("f"), r.list("I", 4), r.list("f", 4), r.take("I"), r.list("f", 2), r.take("Q"), r.name(32)
        for _ in range(r.take("I")):
            r.name(32), r.take("d")
        for column in self.columns:
            column.summary(r)
        for column in self.columns:
            column.scaler(r)
        self.place()
        networks = [r.floats(r.take("Q")) for _ in range(6)]
        widths = [self.inputs] + encoder
        self.layers = [layers(networks[0], widths), layers(networks[1], widths[::-1])]
        self.views(r)

    def place(self):
        """Which inputs a column has; an indicator is of the first column of its group."""
        self.first, self.indicator, self.column = [], {}, []
        for c, column in enumerate(self.columns):
            self.first.append(len(self.column))
            if column.values is not None:
                self.column += [c] * (len(column.values) + 1)
            elif not column.identity:
                self.column.append(c)
        for c, column in enumerate(self.columns):
            if column.group and column.group not in self.indicator:
                self.indicator[column.group] = len(self.column)
                self.column.append(c)
        self.inputs = len(self.column)

    def views(self, r):
        inputs, n = r.take("I"), r.take("I")
        self.weight = r.floats(inputs)
        self.prototypes = r.floats(n * inputs).reshape(n, inputs)
        self.mean, self.rotation = r.floats(inputs), r.floats(inputs * inputs).reshape(inputs, inputs)
        self.evidence = [(r.floats(r.take("I")), r.take("f"), r.take("f")) for _ in self.weights]
        self.known = {c: set(r.list("d", r.take("I")))
                      for c, column in enumerate(self.columns) if column.identity}
        self.threshold = r.take("f")

    def input_of(self, row):
        """row: numbers, NaN = missing; of a category, its name."""
        x = np.zeros(self.inputs)
        for column, first, value in zip(self.columns, self.first, row):
            missing = isinstance(value, float) and math.isnan(value)
            if column.identity:
                continue
            if column.values is not None:
                x[first + (column.values + [value]).index(value)] = 1
            else:
                x[first] = column.fill if missing else column.scale(value)
            if missing and column.group:
                x[self.indicator[column.group]] = 1
        return x

    def new_in(self, row):
        """The columns of the row whose identities are new."""
        return [c for c, known in self.known.items() if row[c] not in known]

    def terms(self, x):
        """What each input adds to each view's sum; of a component, by squares of what it gives."""
        restored = forward(self.layers[1], forward(self.layers[0], x))
        squares = (self.prototypes - x) ** 2
        near = np.argsort(squares.sum(axis=1), kind="stable")[:NEAR]
        roots = np.sqrt(np.abs((x - self.mean) @ self.rotation))
        given = ((x - self.mean)[:, None] * self.rotation) ** 2
        counts = given.sum(axis=0) > 0  # a component of nearly no variance is all zeros
        return [np.abs(restored - x) * self.weight, squares[near].mean(axis=0),
                given[:, counts] / given.sum(axis=0)[counts] @ roots[counts]]

    def look(self, x, new=()):
        """The logit, and each view's evidence."""
        surprises = []
        values = [math.log(terms.sum() + LOG_FROM) for terms in self.terms(x)] + [len(new)]
        for value, (reference, tail, scale) in zip(values, self.evidence):
            as_high = len(reference) - np.searchsorted(reference, np.float32(value))
            surprise = -math.log((as_high + 1) / (len(reference) + 1))
            if value > tail:
                surprise = min((value - tail) / scale - math.log(TAIL_SHARE), EVIDENCE_MAX)
            surprises.append(surprise)
        mean = max(self.weights @ surprises, 1e-9)
        return mean + math.log(-math.expm1(-mean)), np.array(surprises)

    def baseline(self):
        medians = np.zeros(self.inputs)
        for column, first in zip(self.columns, self.first):
            if column.identity:
                continue
            if column.values is None:
                medians[first] = column.fill
            else:
                medians[first + np.argmax(column.share)] = 1
        return self.prototypes[((self.prototypes - medians) ** 2).sum(axis=1).argmin()]

    def by_column(self, of_inputs):
        return np.bincount(self.column, of_inputs, len(self.columns))

    def contributions(self, x, new):
        """By column; they add up to the difference of the logits: each view's rise in evidence by
        what its terms are above the baseline's."""
        baseline = self.baseline()
        logit, surprises = self.look(x, new)
        base_logit, base_surprises = self.look(baseline)
        rises = self.weights * (surprises - base_surprises)
        shares = np.zeros(len(self.columns))
        for terms, base, rise in zip(self.terms(x), self.terms(baseline), rises):
            above = np.maximum(np.sign(rise) * self.by_column(terms - base), 0)
            shares += rise * above / above.sum()
        for c in new:
            shares[c] += rises[-1] / len(new)
        return shares * (logit - base_logit) / rises.sum()


def layers(params, widths):
    found, at = [], 0
    for n_in, n_out in zip(widths, widths[1:]):
        weights = params[at:at + n_in * n_out].reshape(n_in, n_out)
        at += n_in * n_out
        found.append((weights, params[at:at + n_out]))
        at += n_out
    assert at == len(params)
    return found


def forward(network, x):
    for weights, bias in network[:-1]:
        x = x @ weights + bias
        x = np.where(x > 0, x, 0.01 * x)
    return x @ network[-1][0] + network[-1][1]
