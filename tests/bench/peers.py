"""Simple detectors that da3dd is held against: each learns from a matrix (rows, inputs) of training
rows and returns a function from such a matrix to a number per row, larger for what is less normal.

Those that take more than linear time to learn do so from a random sample of rows: *_ROWS."""
import numpy
from scipy.stats import skew
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM

LOF_ROWS, GMM_ROWS, OCSVM_ROWS = 20000, 20000, 5000


def sample(x, rows, seed):
    if len(x) <= rows:
        return x
    return x[numpy.random.default_rng(seed).choice(len(x), rows, replace=False)]


def isolation_forest(x, seed):
    model = IsolationForest(random_state=seed).fit(x)
    return lambda rows: -model.score_samples(rows)


def ecod(x, _seed):
    """Li et al., "ECOD", 2022: -ln of each column's tail probabilities by its training rows, summed
    over columns for the left tails, the right ones, and those on the side of the skewness."""
    ordered = numpy.sort(x, axis=0)
    left_skewed = skew(x, axis=0) < 0

    def score(rows):
        sums = numpy.zeros((3, len(rows)))
        for column, values in enumerate(ordered.T):
            cells = rows[:, column]
            n = len(values) + 1
            left = -numpy.log((numpy.searchsorted(values, cells, "right") + 1) / n)
            right = -numpy.log((n - numpy.searchsorted(values, cells, "left")) / n)
            sums += [left, right, left if left_skewed[column] else right]
        return sums.max(axis=0)
    return score


def knn(x, _seed):
    """Mean distance to the 5 nearest training rows."""
    model = NearestNeighbors(n_neighbors=5).fit(x)
    return lambda rows: model.kneighbors(rows)[0].mean(axis=1)


def lof(x, seed):
    model = LocalOutlierFactor(novelty=True).fit(sample(x, LOF_ROWS, seed))
    return lambda rows: -model.score_samples(rows)


def ocsvm(x, seed):
    model = OneClassSVM(gamma="scale", nu=0.1).fit(sample(x, OCSVM_ROWS, seed))
    return lambda rows: -model.score_samples(rows)


def pca(x, _seed):
    """Squared error of what the components of 95 % of the variance leave."""
    model = PCA(0.95, svd_solver="full").fit(x)
    return lambda rows: ((rows - model.inverse_transform(model.transform(rows))) ** 2).sum(axis=1)


def gmm(x, seed):
    model = GaussianMixture(10, reg_covar=1e-3, random_state=seed).fit(sample(x, GMM_ROWS, seed))
    return lambda rows: -model.score_samples(rows)


PEERS = {"iforest": isolation_forest, "ecod": ecod, "knn": knn, "lof": lof, "ocsvm": ocsvm,
         "pca": pca, "gmm": gmm}
