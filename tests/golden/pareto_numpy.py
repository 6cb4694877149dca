#!/usr/bin/python3
"""Writes pareto_values.h: fits of the generalised Pareto distribution, and how well they fit.

Independent of the C code: Zhang and Stephens' estimator written from their paper (Technometrics 51,
2009, section 2) over whole arrays, with their theta and k = -shape; Anderson and Darling's A^2 from
its integral by the sample's own steps. Run in this folder: ./pareto_numpy.py; with --critical it
prints instead what A^2 of true fits exceeds once in a hundred times. Needs python3-numpy.
"""
import sys

import numpy as np

SHAPES = [-0.5, -0.25, 0.0, 0.25, 0.5]


def quantile(shape, scale, beyond):
    if shape == 0:
        return -scale * np.log(beyond)
    return scale * (beyond**-shape - 1) / shape


def beyond(shape, scale, y):
    return np.maximum(1 + shape * y / scale, 0) ** (-1 / shape)


def fit(x):
    """(shape, scale)"""
    n = len(x)
    m = 30 + int(np.sqrt(n))
    j = np.arange(1, m + 1)
    quartile = np.sort(x)[int(n / 4 + 0.5) - 1]
    theta = 1 / x.max() + (1 - np.sqrt(m / (j - 0.5))) / (3 * quartile)
    k = -np.log(1 - np.outer(theta, x)).mean(axis=1)
    likelihood = n * (np.log(theta / k) + k - 1)
    weight = 1 / np.exp(likelihood[None, :] - likelihood[:, None]).sum(axis=1)
    estimate = (theta * weight).sum()
    k = -np.log(1 - estimate * x).mean()
    return -k, k / estimate


def misfit(x, shape, scale):
    """n times the integral of (F_n - F)^2 / (F (1 - F)) dF, exact between the steps of F_n."""
    u = np.concatenate([[0], 1 - beyond(shape, scale, np.sort(x)), [1]])
    n = len(x)
    total = 0
    for i in range(n + 1):
        a, b, c = u[i], u[i + 1], i / n
        # The antiderivative of (c - u)^2 / (u (1 - u)).
        upper = -b + (c * c * np.log(b) if c else 0) - ((1 - c) ** 2 * np.log1p(-b) if c < 1 else 0)
        lower = -a + (c * c * np.log(a) if c else 0) - ((1 - c) ** 2 * np.log1p(-a) if c < 1 else 0)
        total += upper - lower
    return n * total


def sample(n, shape, scale, seed):
    """As the test makes it: exact quantiles, moved by a fixed pattern."""
    i = np.arange(n)
    return quantile(shape, scale, (i + 0.5 + 0.4 * np.sin(seed + 3.7 * i)) / n)


def critical():
    rng = np.random.default_rng(1)
    for n in (50, 200, 1000):
        for shape in SHAPES:
            values = []
            for _ in range(2000):
                x = quantile(shape, 1.0, rng.random(n))
                values.append(misfit(x, *fit(x)))
            print(f"{n:5} rows, shape {shape:5}: {np.quantile(values, 0.99):.2f}")


def main():
    print("/* Written by pareto_numpy.py; do not edit. */\n/* clang-format off */", file=out)
    print("static const struct {\n    size_t n;\n    double shape, scale, seed, fitted_shape, "
          "fitted_scale, misfit, beyond_2;\n} pareto_values[] = {", file=out)
    for n, shape, scale, seed in [(50, 0.0, 1.0, 1), (76, -0.4, 1.8, 2), (200, 0.3, 0.5, 3),
                                  (1000, -0.1, 1.1, 4), (3, 0.1, 2.0, 5)]:
        x = sample(n, shape, scale, seed)
        a, b = fit(x)
        print(f"    {{{n}, {shape}, {scale}, {seed}, {a:.15g}, {b:.15g}, {misfit(x, a, b):.15g}, "
              f"{beyond(a, b, 2.0):.15g}}},", file=out)
    print("};", file=out)


if sys.argv[1:] == ["--critical"]:
    critical()
else:
    with open("pareto_values.h", "w", encoding="ascii") as out:
        main()
