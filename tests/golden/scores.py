#!/usr/bin/env python3
"""scores.py MODEL TABLE SCORES: what da3dd --score prints of a table of numbers, none missing, against
model_numpy.py. Says what differs."""
import csv
import sys

from model_numpy import Model

model, table, scores = sys.argv[1:]
model = Model(model)
with open(table) as file, open(scores) as told:
    pairs = list(zip(csv.DictReader(file), csv.DictReader(told), strict=True))
worst = 0
for row, score in pairs:
    values = [float(row[column.name]) for column in model.columns]
    logit = model.look(model.input_of(values), model.new_in(values))[0]
    worst = max(worst, abs(logit - float(score["logit"])))
print(f"{len(pairs)} rows, largest difference {worst:.2g}")
assert pairs and worst < 0.01, worst
