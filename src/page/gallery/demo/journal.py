# A file that grows by a line each time. Reload the page and run it again: the lines are still there.
NAME = "/journal.txt"

try:
    with open(NAME) as file:
        lines = file.readlines()
except OSError:
    lines = []

with open(NAME, "a") as file:
    file.write("visit %d\n" % (len(lines) + 1))

with open(NAME) as file:
    print(file.read(), end="")
