# Every file on the disk, with its size.
import os

DIRECTORY = 0x4000


def show(path, depth=0):
    for name in sorted(os.listdir(path)):
        full = path.rstrip("/") + "/" + name
        mode, size = os.stat(full)[0], os.stat(full)[6]
        if mode & DIRECTORY:
            print("  " * depth + name + "/")
            show(full, depth + 1)
        else:
            print("  " * depth + name, size)


show("/")
