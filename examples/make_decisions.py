"""Write decisions.csv: 300 made-up items, 38% wrong; 85% of right and 35% of wrong ones kept."""

import csv
import random
import sys

draw = random.Random(4)
writer = csv.writer(sys.stdout, lineterminator="\n")
writer.writerow(("id", "right", "kept"))
for number in range(300):
    right = draw.random() < 0.62
    kept = draw.random() < (0.85 if right else 0.35)
    writer.writerow((number, int(right), int(kept)))
