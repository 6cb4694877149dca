#!/usr/bin/python3
"""DA3D's second training stage in PyTorch, at KDD's sizes, as fast as it goes there.

For each line "THREADS" on standard input: trains a few batches with each way of running Adam that
PyTorch has, and prints the median milliseconds of the fastest: processor time on one thread, else
the time that passes, as tests/bench/timing.c does. Frozen networks take no gradients, the alarm
network's three kinds of rows are stacked, denormals are flushed.
"""
import statistics
import sys
import time

import torch
from torch.nn import functional

BATCH, INPUTS, NOISE, DROP = 512, 126, 8, 0.1
HIDDEN, CODE = [150, 100, 70, 40, 25], 10
REPEATS = 3


class Net(torch.nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.layers = torch.nn.ModuleList(map(torch.nn.Linear, widths, widths[1:]))

    def forward(self, x, drop=False, hidden=None):
        """The output before any sigmoid; hidden: a list that takes the hidden activations."""
        for layer in self.layers[:-1]:
            x = functional.leaky_relu(layer(x), 0.01, inplace=True)
            if hidden is not None:
                hidden.append(x)
            if drop:
                x = functional.dropout(x, DROP)
        return self.layers[-1](x)


class Stage2:
    def __init__(self, foreach):
        torch.manual_seed(1)
        self.encoder = Net([INPUTS, *HIDDEN, CODE]).requires_grad_(False)
        self.decoder = Net([CODE, *HIDDEN[::-1], INPUTS]).requires_grad_(False)
        self.generator = Net([NOISE, 50, 40, 30, 20, CODE])
        self.critic = Net([CODE, 40, 20, 10, 5, 1])
        self.alarm = Net([sum(HIDDEN), 1000, 500, 200, 75, 1])
        self.codes = torch.randn(BATCH, CODE)
        self.adam = {net: torch.optim.Adam(net.parameters(), 1e-4, eps=1e-7, foreach=foreach)
                     for net in (self.alarm, self.generator, self.critic)}

    def activations(self, codes):
        hidden = []
        x = codes
        for layer in self.decoder.layers[:-1]:
            x = functional.leaky_relu(layer(x), 0.01)
            hidden.append(x)
        return torch.cat(hidden, 1)

    def move(self, net, loss, clip):
        self.adam[net].zero_grad(set_to_none=True)
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(net.parameters(), 0.01)
        self.adam[net].step()

    def only(self, net):
        """Freezes what this step does not train."""
        for other in self.adam:
            other.requires_grad_(other is net)

    def step(self):
        self.only(self.alarm)
        with torch.no_grad():
            codes = torch.cat([self.codes, self.encoder(0.5 + torch.randn(BATCH, INPUTS)),
                               self.generator(torch.randn(BATCH, NOISE))])
            seen = self.activations(codes)
        logits = self.alarm(seen, drop=True)
        labels = torch.cat([torch.zeros(BATCH, 1), torch.ones(2 * BATCH, 1)])
        self.move(self.alarm, 3 * functional.binary_cross_entropy_with_logits(logits, labels),
                  False)
        self.only(self.generator)
        codes = self.generator(torch.randn(2 * BATCH, NOISE), drop=True)
        self.move(self.generator,
                  torch.sigmoid(self.alarm(self.activations(codes[:BATCH]))).mean() +
                  torch.sigmoid(self.critic(codes[BATCH:])).mean(), True)
        self.only(self.critic)
        with torch.no_grad():
            codes = torch.cat([2 * torch.randn(BATCH, CODE),
                               self.generator(torch.randn(BATCH, NOISE)), self.codes])
        wide, generated, normal = torch.sigmoid(self.critic(codes, drop=True)).split(BATCH)
        self.move(self.critic, wide.mean() - 2 * generated.mean() - 2 * normal.mean(), True)


def median_ms(stage, clock):
    times = []
    for _ in range(REPEATS):
        start = clock()
        stage.step()
        times.append(1e3 * (clock() - start))
    return statistics.median(times)


def main():
    torch.set_flush_denormal(True)
    stages = [Stage2(foreach=False), Stage2(foreach=True)]
    for line in sys.stdin:
        threads = int(line)
        torch.set_num_threads(threads)
        clock = time.thread_time if threads == 1 else time.perf_counter
        for stage in stages:
            stage.step()
        print(min(median_ms(stage, clock) for stage in stages), flush=True)


main()
