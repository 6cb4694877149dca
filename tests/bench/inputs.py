"""Table rows as numbers for the peers, prepared as da3dd prepares them for itself: min-max or
rank-gauss (core/rank_gauss.h) where a column holds numbers, one-hot where it holds words."""
import numpy
from scipy.special import ndtri

MISSING = {"", "nan", "na", "n/a", "null", "none"}


def as_numbers(cells):
    """Missing and infinite ones are NaN. Raises ValueError where one is no number."""
    values = numpy.array(["nan" if cell.lower() in MISSING else cell for cell in cells], float)
    values[numpy.isinf(values)] = numpy.nan
    return values


class MinMax:
    """The training range as 0 to 1; as far as -2.5 and 3.5 beyond it."""

    def __init__(self, values):
        self.low = values.min()
        self.range = values.max() - self.low or 1.0

    def __call__(self, values):
        return numpy.clip((values - self.low) / self.range, -2.5, 3.5)


class RankGauss:
    """Normal scores of mid-ranks: core/rank_gauss.h, but with every distinct value as a knot."""

    def __init__(self, values):
        self.knots, counts = numpy.unique(values, return_counts=True)
        share = (numpy.cumsum(counts) - counts / 2) / len(values)
        few = len(self.knots) <= 2
        self.scores = numpy.arange(len(counts)) * 1.0 if few else ndtri(share.clip(.001, .999))
        self.range = self.knots[-1] - self.knots[0] or 1.0

    def __call__(self, values):
        inside = numpy.interp(values, self.knots, self.scores)
        above = numpy.log1p(numpy.maximum(values - self.knots[-1], 0) / self.range)
        below = numpy.log1p(numpy.maximum(self.knots[0] - values, 0) / self.range)
        return numpy.clip(inside + above - below, -6, 6)


SCALINGS = {"min-max": MinMax, "rank-gauss": RankGauss}


class Numbers:
    """One input; a missing cell is the training rows' median."""

    def __init__(self, cells, scaling):
        values = as_numbers(cells)
        present = values[~numpy.isnan(values)]
        if len(present) == 0:
            present = numpy.zeros(1)
        self.median = numpy.median(present)
        self.scale = SCALINGS[scaling](present)

    def __call__(self, cells):
        try:
            values = as_numbers(cells)
        except ValueError as error:
            raise RuntimeError(f"a column of numbers in training: {error}") from error
        values[numpy.isnan(values)] = self.median
        return self.scale(values)[:, None]


class Words:
    """An input for each word of the training rows, and one for all others."""

    def __init__(self, cells):
        self.index = {word: i for i, word in enumerate(sorted(set(cells)))}

    def __call__(self, cells):
        inputs = numpy.zeros((len(cells), len(self.index) + 1))
        columns = [self.index.get(cell, len(self.index)) for cell in cells]
        inputs[numpy.arange(len(cells)), columns] = 1
        return inputs


class Inputs:
    """What training rows teach on how rows become inputs."""

    def __init__(self, rows, scaling):
        self.columns = []
        for cells in zip(*rows):
            try:
                self.columns.append(Numbers(cells, scaling))
            except ValueError:
                self.columns.append(Words(cells))

    def __call__(self, rows):
        """A matrix (rows, inputs)."""
        return numpy.hstack([column(cells) for column, cells in zip(self.columns, zip(*rows))])
