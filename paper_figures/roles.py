"""Who selects summaries, and how each is drawn."""

from paper_figures import style

__all__ = ["COLOURS", "LABELS", "MARKERS", "WHO"]

WHO = ("oracle", "stronger", "self", "random")
LABELS = {
    "oracle": "oracle (ROUGE-1)", "stronger": "stronger model's perplexity",
    "self": "self-selection (perplexity)", "random": "random selection",
}
COLOURS = dict(zip(WHO, (style.BLUE, style.RED, style.GREEN, style.ORANGE)))
MARKERS = dict(zip(WHO, "os^D"))
