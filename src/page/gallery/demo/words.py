# The most frequent words in texts/.
import os

counts = {}
for name in os.listdir("/texts"):
    with open("/texts/" + name) as file:
        for line in file:
            for word in line.lower().replace(".", " ").replace(",", " ").replace(":", " ").split():
                counts[word] = counts.get(word, 0) + 1

for word in sorted(counts, key=lambda word: (-counts[word], word))[:8]:
    print("%4d  %s" % (counts[word], word))
