"""Feng et al. 2025: Tables 1 and 3, and single numbers in the text. Accuracies in percent."""

__all__ = ["BEAMS", "MODELS", "TABLE_1_ALL", "TABLE_1_BEST", "TABLE_3", "TABLE_3_ROWS",
           "TURNING_POINT"]

BEAMS = (50, 25, 10, 5, 1)  # rows of Table 1; the last is greedy decoding

# By tolerance in percent: the closest answer of the beam counts, or the one the model prefers.
TABLE_1_ALL = {
    "2": ("90.4", "88.0", "83.7", "79.3", "66.9"),
    "1": ("60.4", "53.2", "43.1", "34.9", "20.2"),
    "0.5": ("22.9", "16.8", "10.5", "7.1", "2.4"),
}
TABLE_1_BEST = {
    "2": ("65.9", "66.1", "66.2", "66.5", "66.9"),
    "1": ("19.2", "19.3", "19.5", "19.7", "20.2"),
    "0.5": ("2.4", "2.4", "2.5", "2.4", "2.4"),
}

TABLE_3_ROWS = ("rejection", "beam 50", "beam 35", "beam 25", "beam 10", "beam 5", "beam 1")
# By model that is tuned: the generator (A), and others pre-trained to so many percent.
MODELS = {"A": "66", "B": "62", "C": "93", "D": "4", "scratch": None}
TABLE_3 = {
    "A": ("61.8", "74.1", "72.7", "71.3", "67.5", "64.9", "61.6"),
    "B": ("72.9", "82.6", "81.3", "79.8", "75.1", "70.8", "62.1"),
    "C": ("82.1", "87.3", "86.8", "84.4", "83.5", "80.1", "75.6"),
    "D": ("66.3", "78.3", "76.8", "73.3", "68.0", "65.6", "55.8"),
    "scratch": ("72.1", "84.0", "80.4", "79.9", "73.9", "69.1", "60.5"),
}

TURNING_POINT = "0.65"  # p* at which Figure 4 passes the generator, as the text says
