# Conway's Game of Life on a small torus: a glider, twelve steps.
W, H = 24, 10
alive = {(2, 0), (3, 1), (1, 2), (2, 2), (3, 2)}


def step(cells):
    near = {}
    for x, y in cells:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if dx or dy:
                    at = ((x + dx) % W, (y + dy) % H)
                    near[at] = near.get(at, 0) + 1
    return {at for at, n in near.items() if n == 3 or (n == 2 and at in cells)}


for generation in range(12):
    alive = step(alive)
for y in range(H):
    print("".join("#" if (x, y) in alive else "." for x in range(W)))
