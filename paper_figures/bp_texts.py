"""Feng et al. 2025, appendix D: what the model of each strategy writes of the same articles.

Drawn from `texts.csv` beside the results, which `python -m empirical.summary.exports` writes.
"""

import textwrap

import pandas as pd

from paper_figures import style

__all__ = ["compute", "draw", "usable"]

FILE = "texts.csv"
ARTICLES = 2  # as many as the paper shows
ROWS = (  # arms of the smallest share, as the paper has
    ("article", "article"), ("reference", "reference"), ("generator", "generator"),
    ("oracle", "oracle"), ("stronger", "stronger"), ("self", "self"), ("random", "random"),
)
WRAP, LINE = 104, 0.145  # letters and inches a line


def usable(results):
    """Return whether texts lie beside the results."""
    return results.folder is not None and (results.folder / FILE).is_file()


def compute(results):
    """Return the texts, one a row: number of the article, strategy, arm and text."""
    from empirical.summary.predict import role

    texts = pd.read_csv(results.folder / FILE, dtype=str, keep_default_na=False)
    shares = {arm: config["loop"]["fraction"] for arm, config in results.configs.items()
              if config["loop"]["rounds"] == 1 and role(config) != "truth"}
    arms = {role(results.configs[arm]): arm for arm, share in shares.items()
            if share == min(shares.values())}
    rows = []
    for number in list(dict.fromkeys(texts.number))[:ARTICLES]:
        mine = texts[texts.number == number].set_index("arm").text
        for who, label in ROWS:
            arm = arms.get(who, who)
            if arm in mine.index:
                rows.append((results.setting, int(number), label, arm, mine[arm]))
    return pd.DataFrame(rows, columns=["setting", "number", "who", "arm", "text"])


@style.styled
def draw(frame):
    """Draw the texts, strategy by strategy."""
    lines = [textwrap.wrap(text, WRAP) or ["(nothing)"] for text in frame.text]
    gaps = [0.6 * (number != before) for number, before in zip(
        frame.number, [frame.number.iloc[0], *frame.number])]
    height = (sum(map(len, lines)) + 0.35 * len(lines) + sum(gaps) + 2.6) * LINE
    figure, axes = style.blank(width=style.WIDE, height=height)
    axes.set(xlim=(0, style.WIDE), ylim=(height, 0))
    axes.set_axis_off()
    y = 0.8 * LINE
    for row, wrapped, gap in zip(frame.itertuples(), lines, gaps):
        y += gap * LINE
        colour = style.GREY if row.who in ("article", "reference") else style.BLACK
        axes.text(0.05, y, row.who, va="top", fontsize=7, weight="bold", color=colour)
        for text in wrapped:
            axes.text(0.95, y, text, va="top", fontsize=7, color=colour)
            y += LINE
        y += 0.35 * LINE
    share = frame.arm[frame.who == "random"].str.extract(r"(\d+(?:\.\d+)?)$")[0].dropna()
    selected = f", {share.iloc[0]} % selected" if len(share) else ""
    axes.text(0.05, y + 0.7 * LINE, f"First test articles, models of the first seed{selected}; "
              f"{frame.setting.iloc[0]}. Published texts: two news articles, not repeated here.",
              va="top", fontsize=7)
    return figure
