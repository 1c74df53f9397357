# How fast files are written and read here. Every write is on the disk before Python goes on.
import os
import time

NAME = "/speed.tmp"
BLOCK = bytes(range(256)) * 64
COUNT = 16


def timed(what, action):
    start = time.ticks_ms()
    action()
    took = max(1, time.ticks_diff(time.ticks_ms(), start))
    print(what, len(BLOCK) * COUNT // 1024, "KiB in", took, "ms:", len(BLOCK) * COUNT // took, "bytes per ms")


def write():
    with open(NAME, "wb") as file:
        for _ in range(COUNT):
            file.write(BLOCK)


def read():
    with open(NAME, "rb") as file:
        while file.read(len(BLOCK)):
            pass


timed("write", write)
timed("read ", read)
os.remove(NAME)
