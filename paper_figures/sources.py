"""Every figure and table of the four papers: what it shows, and what drawing it would need.

Which of them are drawn follows from the catalogue: an entry whose source names the paper and the
number draws it.
"""

import re
from dataclasses import dataclass

__all__ = ["ITEMS", "PAPERS", "Item", "drawn_by", "numbers"]

YANG, GILLMAN, FENG, YI = (
    "Yang et al. 2025", "Gillman et al. 2024", "Feng et al. 2025", "Yi et al. 2025",
)
PAPERS = {
    YANG: "Spend Wisely: iterative learning with selected synthetic data",
    GILLMAN: "Self-Correcting Self-Consuming Loops",
    FENG: "Beyond Model Collapse",
    YI: "Escaping Model Collapse via Synthetic Data Verification",
}
ILLUSTRATION = "nothing: an illustration, no data"


@dataclass(frozen=True, slots=True)
class Item:
    """A figure or table of a paper.

    Attributes
    ----------
    paper, number : str
        The paper, and "Figure 2" or the like.
    shows : str
        What it shows, in our words.
    needs : str
        What drawing it needs.
    """

    paper: str
    number: str
    shows: str
    needs: str

    @property
    def empty(self):
        """Whether there is nothing to draw."""
        return self.needs.startswith("nothing")


def _motion(number, shows):
    return Item(GILLMAN, f"Figure {number}", shows, "runs of the task motion")


ITEMS = (
    Item(YANG, "Figure 1", "The loop of generation, selection and training.", ILLUSTRATION),
    Item(YANG, "Figure 2", "Gaussian toy: gap to the optimal reward over cost, three schedules.",
         "simulation"),
    Item(YANG, "Figure 3", "Denoising: PSNR over cost, all schedules, two noise levels.",
         "runs of the task denoise"),
    Item(YANG, "Figure 4", "Reasoning: accuracy over cost on three difficulties, temperature 0.3.",
         "runs of the task reasoning"),
    Item(YANG, "Figure 5", "Gaussian toy: the same under other parameters.", "simulation"),
    Item(YANG, "Figure 6", "Denoising: PSNR for several growth rates.",
         "runs of the task denoise with several growth rates"),
    Item(YANG, "Figure 7", "Reasoning: accuracy for several growth rates.",
         "runs of the task reasoning with several growth rates"),
    Item(YANG, "Figure 8", "Reasoning: as Figure 4, temperature 0.7.",
         "runs of the task reasoning at temperature 0.7"),
    Item(YANG, "Table 1", "Settings of the three experiments.",
         "nothing: a list of settings, no results"),
    Item(YANG, "Table 2", "Denoising: final PSNR of every schedule.", "runs of the task denoise"),
    Item(YANG, "Table 3", "Reasoning: final accuracy of every schedule.",
         "runs of the task reasoning"),
    _motion(1, "Motions after 50 generations, with correction and without."),
    _motion(2, "Motion: FID, matching score, diversity over generations, 64 and 2,794 clips."),
    _motion(3, "Motions of one prompt under the three arms."),
    Item(GILLMAN, "Figure 4", "Correcting one Gaussian towards another.", "closed forms"),
    Item(GILLMAN, "Figure 5", "Gaussian toy loop: error over iterations, by correction strength.",
         "simulation"),
    Item(GILLMAN, "Figure 6", "Digits after 50 iterations at 150 % synthetic data, both arms.",
         "runs of the task digits"),
    Item(GILLMAN, "Figure 7", "Anchor images of the corrector: 16 centroids a digit.",
         "the images of the task digits"),
    Item(GILLMAN, "Figure 8", "Digits: FID over generations, both arms, by synthetic ratio.",
         "runs of the task digits"),
    _motion(9, "Motions of a prompt, floating above the floor without correction."),
    _motion(10, "Motions of a prompt, sliding to the side without correction."),
    _motion(11, "Motions of a prompt, meaningless without correction."),
    _motion(12, "Motion, 64 clips: measures over generations, by synthetic ratio."),
    _motion(13, "Motion, 128 clips: the same."),
    _motion(14, "Motion, 256 clips: the same."),
    _motion(15, "Motion, 2,794 clips: the same."),
    _motion(16, "Motion, 2,794 clips: running averages of the same."),
    _motion(17, "Motion, 64 clips, 25 % synthetic: FID by seed."),
    _motion(18, "Motion, 64 clips, 50 % synthetic: FID by seed."),
    _motion(19, "Motion, 64 clips, 75 % synthetic: FID by seed."),
    _motion(20, "Motion, 64 clips, 100 % synthetic: FID by seed."),
    Item(FENG, "Figure 1", "The proposal, and the geometry of generator and verifier.",
         ILLUSTRATION),
    Item(FENG, "Figure 2", "Accuracy over the generator's error, by linear verifier.",
         "simulation"),
    Item(FENG, "Figure 3", "Gaussian mixtures: error over selected items, and p*, by verifier.",
         "simulation"),
    Item(FENG, "Figure 4", "Eigenvalues: accuracy over p* and the number of synthetic data.",
         "runs of the task eigen"),
    Item(FENG, "Figure 5", "Summaries: ROUGE-1 over data used, by selection, and p*.",
         "runs of the task summary"),
    Item(FENG, "Figure 6", "Accuracy over the error rate for several verifiers: the jump.",
         "simulation"),
    Item(FENG, "Table 1", "Eigenvalues: the generator's accuracy by beam, two readings.",
         "runs of the task eigen"),
    Item(FENG, "Table 2", "Settings of the three experiments.",
         "nothing: a list of settings, no results"),
    Item(FENG, "Table 3", "Eigenvalues: models tuned on verified answers.",
         "runs of the task eigen at its preset gpu"),
    Item(YI, "abstract", "Six figures, which were not at hand: verified linear regression, and "
         "autoencoders on digits, gain early, level off and may reverse.",
         "the figures themselves; what is drawn here is our reconstruction"),
)


def numbers(source):
    """Return the paper of a catalogue entry's source, and the figures and tables that it names.

    Examples
    --------
    >>> numbers("Gillman et al. 2024, Figures 1, 3 and 9 to 11")[1]
    ('Figure 1', 'Figure 3', 'Figure 9', 'Figure 10', 'Figure 11')
    >>> numbers("ours; setting of Feng et al. 2025, Figure 2")
    ('', ())
    """
    paper, _, rest = source.partition(",")
    if paper not in PAPERS:
        return "", ()
    found = ["abstract"] if rest.strip().startswith("abstract") else []
    for kind, listed in re.findall(r"\b(Figure|Table)s? (\d+(?:(?:,| and| to) \d+)*)", rest):
        for first, last in re.findall(r"(\d+)(?: to (\d+))?", listed):
            found += [f"{kind} {k}" for k in range(int(first), int(last or first) + 1)]
    return paper, tuple(dict.fromkeys(found))


def drawn_by(item, entries):
    """Return the catalogue entries that draw an item."""
    return [entry for entry in entries
            if item.paper == numbers(entry.source)[0] and item.number in numbers(entry.source)[1]]
