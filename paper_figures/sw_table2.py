"""Yang et al. 2025, Table 2: PSNR of denoised images after each schedule, at two noise levels."""

import pandas as pd

from paper_figures import style
from paper_figures.denoising import best, lines
from paper_figures.published import yang2025
from paper_figures.tables import draw_table

__all__ = ["compute", "draw", "usable"]


def usable(results):
    """Return whether runs hold each family of schedules."""
    return {line.family for line in lines(results)} == {"constant", "linear", "exponential"}


def _row(line, sizes):
    """Return the row of the table that a line belongs to, by its rank among its family's sizes."""
    if line.family == "exponential":
        return line.family, ""
    ranks = sorted(sizes[line.family])
    place = ranks.index(line.first)
    middle = len(ranks) // 2
    return line.family, yang2025.SIZES[(place > middle) + (place >= middle and place > 0)
                                       if len(ranks) > 1 else 1]


def _ours(results):
    """Return the lines by (column, row)."""
    made = lines(results)
    noises = sorted({line.noise for line in made})
    sizes = {}
    for line in made:
        sizes.setdefault(line.family, set()).add(line.first)
    found = {}
    for noise in noises:
        column = noises.index(noise) if len(noises) > 1 else 1
        mine = [line for line in made if line.noise == noise]
        growing = [line for line in mine if line.family == "exponential"]
        for line in mine:
            if line.family != "exponential" or line is best(growing):
                found[column, _row(line, sizes)] = line
        found[column, ("pre-trained", "")] = mine[0]
    return found


def compute(results):
    """Return published and measured PSNR in decibels, by noise level and schedule."""
    from empirical.predict import mean_interval

    ours, rows = _ours(results), []
    for (family, size), printed in yang2025.TABLE_2.items():
        for column, (level, published) in enumerate(zip(yang2025.LEVELS, printed)):
            line = ours.get((column, (family, size)))
            values = () if line is None else line.start if family == "pre-trained" else line.final
            made = mean_interval(values)
            rows.append((
                results.setting, level, float("nan") if line is None else line.noise, family, size,
                float(published), "" if line is None or family == "pre-trained" else line.arm,
                made.mean, made.low, made.high, made.n))
    return pd.DataFrame(rows, columns=[
        "setting", "level", "noise", "family", "size", "published", "arm", "ours", "low", "high",
        "seeds"])


@style.styled
def draw(frame):
    """Draw the table, ours below the paper's."""
    heads = []
    for level in yang2025.LEVELS:
        noise = frame[frame.level == level].noise.dropna()
        heads.append(f"{level}\nours: {noise.iloc[0]:g}" if len(noise) else level)
    rows = []
    for family, size in yang2025.TABLE_2:
        mine = frame[(frame.family == family) & (frame["size"] == size)].set_index("level")
        cells = [mine.loc[level] for level in yang2025.LEVELS]
        rows.append((f"{family} {size}".strip(),
                     [(f"{cell.published:.2f}", _text(cell)) for cell in cells]))
    notes = [
        "PSNR in decibels after the last round. Grey: published (MNIST, 32×32, "
        "ddpm-cifar10-32, noise levels lost).",
        f"Blue: ours ({frame.setting.iloc[0]}), mean ± half the 95 % interval over seeds, and the "
        "arm; exponential: its best growth rate.",
    ]
    return draw_table(heads, rows, notes)


def _text(cell):
    if pd.isna(cell.ours):
        return "–"
    spread = "" if pd.isna(cell.low) else f" ± {(cell.high - cell.low) / 2:.2f}"
    name = f"   ({cell.arm.partition('/')[0]})" if cell.arm else ""
    return f"{cell.ours:.2f}{spread}{name}"
