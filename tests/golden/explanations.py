#!/usr/bin/env python3
"""explanations.py MODEL EVENTS CSV EXPLAINED: what da3dd -r, --extract and --explain --json print of
the same capture, which has no missing values, against model_numpy.py. Says what differs."""
import csv
import json
import sys

from model_numpy import Model

model, events, table, explained = sys.argv[1:]
model = Model(model)
with open(events) as file:
    events = [json.loads(line) for line in file]
with open(table) as file:
    rows = [row[6:] for row in csv.reader(file)][1:]
assert len(events) == len(rows), (len(events), len(rows))
vectors = {}
for event, row in zip(events, rows):
    values = [float(cell) if column.values is None else cell
              for column, cell in zip(model.columns, row)]
    vectors[event["flow_id"], event["flow"]["start"]] = model.input_of(values), model.new_in(values)
names = [column.name for column in model.columns]
worst = 0
with open(explained) as file:
    for line in file:
        page = json.loads(line)
        event = page["event"]
        x, new = vectors[event["flow_id"], event["flow"]["start"]]
        contributions = model.contributions(x, new)
        told = {feature["feature"]: feature["contrib"] for feature in page["features"]}
        differences = [contribution - contributions[names.index(name)]
                       for name, contribution in told.items()]
        differences.append(page["rest"] - contributions.sum() + sum(told.values()))
        differences.append(event["da3d"]["logit"] - model.look(x, new)[0])
        differences.append(page["baseline"] - model.look(model.baseline())[0])
        worst = max([worst] + [abs(difference) for difference in differences])
print(f"largest difference {worst:.2g}")
assert worst < 0.01, worst
