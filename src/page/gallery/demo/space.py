# Clusters used and free, as the file system VM counts them.
import os

cluster, _, total, free = os.statvfs("/")[:4]
used = total - free
print("clusters of", cluster, "bytes")
print(used, "used,", free, "free,", total, "in all")
width = 40
full = (used * width + total - 1) // total
print("[" + "#" * full + "." * (width - full) + "]")
