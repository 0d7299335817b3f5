"""Belay's way to use a board: a function of the host's source, sent there and called from here."""

import os

import belay

device = belay.Device(os.environ["PORT"])


@device.task
def times(a, b):
    return a * b


print("answer", times(6, 7))
device.close()
