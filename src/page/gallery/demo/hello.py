# What this Python is, and where it runs.
import os
import sys

print("Hello from", sys.implementation.name, ".".join(str(n) for n in sys.implementation.version[:3]))
print("The disk holds:", ", ".join(sorted(os.listdir("/"))))
with open("/readme.txt") as file:
    print("readme.txt begins:", file.readline().strip())
