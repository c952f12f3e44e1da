"""Yang et al. 2025: Tables 2 and 3. PSNR in decibels, accuracies in percent.

The sizes of the schedules, and which diffusion steps the two noise levels are, are not legible in
the text that we have; both tables list three constant and three linear schedules by size.
"""

__all__ = ["LEVELS", "SIZES", "TABLE_2", "TABLE_3", "TESTS"]

LEVELS = ("weaker noise", "stronger noise")  # columns of Table 2
SIZES = ("small", "medium", "large")

TABLE_2 = {
    ("pre-trained", ""): ("40.92", "36.96"),
    ("constant", "small"): ("42.75", "38.91"),
    ("constant", "medium"): ("43.15", "39.45"),
    ("constant", "large"): ("44.18", "39.91"),
    ("linear", "small"): ("43.90", "39.90"),
    ("linear", "medium"): ("44.23", "40.08"),
    ("linear", "large"): ("44.64", "40.26"),
    ("exponential", ""): ("44.84", "40.14"),
}

TESTS = ("symbolic", "p1", "p2")  # columns of Table 3
TABLE_3 = {
    ("pre-trained", ""): ("55.60", "34.98", "15.72"),
    ("constant", "small"): ("60.28", "38.50", "16.93"),
    ("constant", "medium"): ("60.16", "39.68", "17.73"),
    ("constant", "large"): ("64.04", "41.66", "18.81"),
    ("linear", "small"): ("62.54", "38.88", "17.01"),
    ("linear", "medium"): ("61.96", "39.94", "17.29"),
    ("linear", "large"): ("64.24", "40.84", "19.17"),
    ("exponential", ""): ("65.66", "47.26", "20.65"),
}
