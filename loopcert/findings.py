"""What the report shows besides the ledger: headline claims, figures, and results of real runs."""

import base64
import contextlib

from loopcert._install import foreign_packages, home

__all__ = [
    "HEADLINES", "evidence_of_runs", "gallery", "headlines", "pictures", "waiting",
]

# What a stranger should read first: the papers' main claims, what is wrong with them, and ours.
HEADLINES = (
    "SW-07", "SW-09", "E-01", "SW-17", "SC-T43", "SCX-SHARP", "SC-E14", "SCX-GM-lambda_c",
    "BP-4.2", "BPX-1", "BP-E-14.1", "BPX-5", "KV-LT-IFF", "KV-NT-SURE", "UL-BUDGET", "UL-STOP",
)


def headlines(rows):
    """Return those of a record's rows that a stranger should read first."""
    by_id = {row["id"]: row for row in rows}
    return [by_id[name] for name in HEADLINES if name in by_id]


def pictures():
    """Return (catalogue entry, picture) of each figure that lies in docs/gallery."""
    from paper_figures.catalogue import FIGURES

    places = ((entry, home() / "docs" / "gallery" / f"{entry.name}.png")
              for entry in FIGURES.values())
    return [(entry, place) for entry, place in places if place.is_file()]


def gallery(names):
    """Return the figures that lie in docs/gallery, as plain values with the picture inside.

    Parameters
    ----------
    names : collection of str
        Ids of the claims at hand; others are not linked.
    """
    found = []
    for entry, picture in pictures():
        data = base64.b64encode(picture.read_bytes()).decode()
        found.append({
            "name": entry.name, "title": entry.title, "source": entry.source, "says": entry.says,
            "shows": entry.shows, "claims": [name for name in entry.claims if name in names],
            "alike": [(what, getattr(entry, what)) for what in ("shape", "order", "size")
                      if getattr(entry, what)],
            "picture": f"data:image/png;base64,{data}",
        })
    return found


def waiting():
    """Return the catalogue entries that are drawn from runs which nobody has recorded yet."""
    from paper_figures.catalogue import FIGURES

    drawn = {entry.name for entry, _ in pictures()}
    return [entry for entry in FIGURES.values() if entry.needs and entry.name not in drawn]


def evidence_of_runs():
    """Return the recorded results of real runs as plain values; none where none lie at hand."""
    if foreign_packages(("empirical",)):
        return []
    from empirical import recorded

    results = []
    for place in sorted(recorded.FOLDER.glob("*/*/comparison.json")):
        with contextlib.suppress(ValueError):  # no results, and no reason to write no page
            results.append(recorded.read(place.parent))
    return [
        {"name": f"{found.about['task']}/{found.about['preset']}",
         "task": found.about["task"], "preset": found.about["preset"],
         "command": found.about["command"], "seeds": found.seeds, "runs": len(found.runs),
         "seconds": found.seconds, "current": found.current, "stale": found.stale,
         "predictions": [_row(row) for row in found.predictions]}
        for found in results
    ]


def _row(row):
    """Return a row of predictions.csv with its interval as numbers, or None."""
    limits = [float(row[name]) if row[name] else None for name in ("mean", "low", "high")]
    return {**{name: row[name] for name in
               ("claim", "quantity", "predicted", "observed", "verdict", "note")},
            "interval": limits if None not in limits else None}
