#!/usr/bin/env python3
"""Compares two CSV files of flow rows, matching rows by identity and start, whatever their order.

usage: compare.py A.csv B.csv [COLUMN...]
Columns named are those that B does not have. Numbers agree within 1e-9 of the larger one; skews, which are differences, also within 1e-9. Exits
0 if all agree, else 1 with the first row and column that do not.
"""
import collections
import csv
import math
import sys

IDENTITY = ["src_ip", "src_port", "dest_ip", "dest_port", "proto", "start"]
TOLERANCE = 1e-9


def read(path):
    """(header, {identity: rows in the order of the file})"""
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        rows = collections.defaultdict(list)
        for row in reader:
            rows[tuple(row[name] for name in IDENTITY)].append(row)
        return reader.fieldnames, rows


def agree(column, a, b):
    if a == b:
        return True
    if "" in (a, b):
        return False
    near = TOLERANCE if "Skew" in column else 0
    try:
        return math.isclose(float(a), float(b), rel_tol=TOLERANCE, abs_tol=near)
    except ValueError:  # a word
        return False


def difference(path_a, path_b, left_out):
    """The first difference in words, or None; and the number of rows compared."""
    (header_a, rows_a), (header_b, rows_b) = read(path_a), read(path_b)
    header_a = [column for column in header_a if column not in left_out]
    if header_a != header_b:
        return f"headers differ: {header_a} and {header_b}", 0
    compared = 0
    for key in list(rows_a) + [key for key in rows_b if key not in rows_a]:
        a, b = rows_a.get(key, []), rows_b.get(key, [])
        if len(a) != len(b):
            return f"{','.join(key)}: {len(a)} rows and {len(b)} rows", compared
        for row_a, row_b in zip(a, b):
            for column in header_a:
                if column not in IDENTITY and not agree(column, row_a[column], row_b[column]):
                    return (f"{','.join(key)}: {column} is {row_a[column]!r} and "
                            f"{row_b[column]!r}"), compared
            compared += 1
    return None, compared


def main(path_a, path_b, *left_out):
    found, compared = difference(path_a, path_b, left_out)
    if found:
        sys.exit(f"{path_a} and {path_b}: {found}")
    print(f"{compared} rows agree")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
