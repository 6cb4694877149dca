#!/usr/bin/env python3
"""Compares rows of da3dd --rows with those that the reference tool itself wrote, in order.

usage: compare_tool.py RULE OURS THEIRS
RULE is dohmeter or kdd99; OURS and THEIRS are folders with CSV files of the same names. Every column
that the tool has is compared; numbers agree within 1e-9 of the larger one, DoHMeter's skews, which
are differences, also within 1e-9. Prints TAP, a line for each of the tool's files.
"""
import csv
import datetime
import math
import os
import sys

TOLERANCE = 1e-9

# The tool's name of a column, where it is not ours.
RENAMED = {
    "dohmeter": {"SourceIP": "src_ip", "SourcePort": "src_port", "DestinationIP": "dest_ip",
                 "DestinationPort": "dest_port", "TimeStamp": "start"},
    "kdd99": {"dst_ip": "dest_ip", "dst_port": "dest_port"},
}
# DoH is no more than a list of addresses.
LEFT_OUT = {"dohmeter": {"DoH"}, "kdd99": set()}
# Times of the tools, which have whole seconds.
TIMES = {"TimeStamp": "%Y-%m-%d %H:%M:%S", "conn_end_time": "%Y-%m-%dT%H:%M:%S"}


def number(cell):
    try:
        return float(cell)
    except ValueError:
        return None


def agree(column, ours, theirs):
    if ours == theirs:
        return True
    if column in TIMES:
        time = datetime.datetime.fromtimestamp(int(ours.split(".")[0]), datetime.timezone.utc)
        return time.strftime(TIMES[column]) == theirs
    if theirs == "nan":
        return ours == ""  # as in the published files
    a, b = number(ours), number(theirs)
    if a is None or b is None:
        return False
    near = TOLERANCE if "Skew" in column else 0
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=near)


def no_spread(column, row):
    """numpy takes the rounding noise of equal times for spread, and divides by it."""
    times = column.partition("SkewFrom")[0]
    return "SkewFrom" in column and number(row[times + "StandardDeviation"]) == 0


def read(path):
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        return list(reader), reader.fieldnames


def difference(rule, path_ours, path_theirs):
    """The first difference in words, or None."""
    (ours, _), (theirs, columns) = read(path_ours), read(path_theirs)
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, the tool's are {len(theirs)}"
    for i, (row, expected) in enumerate(zip(ours, theirs)):
        for column in columns:
            name = RENAMED[rule].get(column, column)
            if column in LEFT_OUT[rule] or agree(column, row[name], expected[column]):
                continue
            if rule == "dohmeter" and no_spread(column, row):
                continue
            return f"row {i + 1}: {name} is {row[name]!r}, the tool's is {expected[column]!r}"
    return None


def main(rule, ours, theirs):
    failed = False
    for name in sorted(os.listdir(theirs)):
        found = difference(rule, os.path.join(ours, name), os.path.join(theirs, name))
        print(f"{'not ok' if found else 'ok'} - {rule}: {name}")
        if found:
            print(f"#   {found}")
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in RENAMED:
        sys.exit(__doc__)
    main(*sys.argv[1:])
