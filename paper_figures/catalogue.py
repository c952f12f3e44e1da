"""The figures: name, title, what the paper says (in our words), what ours shows."""

import importlib
from dataclasses import dataclass

__all__ = ["FIGURES", "Entry", "load"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure that can be drawn.

    Attributes
    ----------
    name : str
        Name of the figure and of its module.
    title : str
        What is drawn.
    source : str
        The paper and its number, or "ours".
    says : str
        The paper's qualitative claim in our words; for our own figures the claim that we make.
    shows : str
        What the figure answers.
    needs : str
        Arguments of `loopcert run` that make the runs it is drawn from; empty where it simulates
        for itself.
    shape, order, size : str
        Of a paper's figure: whether ours has the same shape (what rises, falls, turns), the same
        order (which curve or row is above which) and the same size (the numbers): "yes", or "no",
        "partly" or "unknown", a colon, and why. Empty where nobody has looked yet.
    claims : tuple of str
        Ids of the claims that it is a picture of.
    """

    name: str
    title: str
    source: str
    says: str
    shows: str
    needs: str = ""
    shape: str = ""
    order: str = ""
    size: str = ""
    claims: tuple[str, ...] = ()


_ENTRIES = (
    Entry(
        "sw_fig2", "Gaussian toy: three schedules of the same cost",
        "Yang et al. 2025, Figure 2",
        "The exponential schedule approaches the optimal reward fastest, the linear one is a "
        "little slower, and the constant one does not converge.",
        "At the same total the exponential schedule ends lowest in both settings, and the exact "
        "law of the loop predicts every point. The paper's parameters are lost; these are ours.",
        shape="yes",
        order="yes: exponential, linear, constant in both settings",
        size="unknown: the paper's parameters are lost, and no number is printed but a saving "
             "of up to 60 %",
        claims=("SW-04", "SW-07", "SW-09", "SW-13"),
    ),
    Entry(
        "sw_fig5", "Gaussian toy: the same under other parameters",
        "Yang et al. 2025, Figure 5",
        "Other parameters lead to the same conclusion as Figure 2.",
        "The exponential schedule never loses at its own total, but where a round selects little "
        "(d) the linear schedule costs more than the constant one. Parameters are ours.",
        shape="partly: where a round selects little (d) the linear schedule first loses reward",
        order="partly: in (d) the linear schedule ends above the constant one",
        size="unknown: the paper's parameters are lost, and no number is printed",
        claims=("E-12", "SW-08-CONVERSE", "SW-10"),
    ),
    Entry(
        "sw_table2", "Denoising: PSNR after each schedule",
        "Yang et al. 2025, Table 2",
        "Growing schedules end above constant ones at both noise levels; the exponential one is "
        "best at the weaker noise, and near the best linear one at the stronger.",
        "Published decibels, and ours below them: small images and networks.",
        needs="denoise --preset desk",
        shape="yes: every schedule gains, at both noise levels",
        order="partly: exponential and linear above constant; exponential and linear undecided",
        size="no: 8x8 digits and a small network from strokes; gains of 2 dB, not of 2 to 4",
        claims=("SW-14", "SW-34"),
    ),
    Entry(
        "sw_fig3", "Denoising: PSNR over cost, by schedule",
        "Yang et al. 2025, Figure 3",
        "The constant schedule keeps up early, then reaches a plateau and decays; the growing "
        "ones go on improving.",
        "PSNR over network evaluations, and final gains beside the published ones.",
        needs="denoise --preset desk",
        shape="partly: small constant rounds rise first, then fall back; larger ones go on rising",
        order="yes: exponential and linear above constant at the end, exponential not decidedly "
              "above linear",
        size="no: gains of 2 dB on 8x8 digits, where the paper's are 2 to 4 dB",
        claims=("SW-14", "SW-34"),
    ),
    Entry(
        "sw_fig6", "Denoising: PSNR over cost, by growth rate",
        "Yang et al. 2025, Figure 6",
        "A smaller growth rate improves faster at first and levels off; a larger one is slower "
        "and ends higher.",
        "PSNR over network evaluations for growth rates, and over the rate at three costs.",
        needs="denoise --preset desk",
        shape="unknown: six seeds decide neither that small rates win early nor that large ones "
              "win late",
        order="partly: the smallest rate ends lowest; the other three are within each other's "
              "intervals",
        size="unknown: the paper prints no numbers",
        claims=("SW-11", "UL-SCHED"),
    ),
    Entry(
        "sw_samples", "Denoising: the same noisy digits through the loop",
        "ours, for Yang et al. 2025, section 4.2",
        "Each loop denoises better than the model that it began with; most of that is adaptation "
        "to the new images, and selection by the reward adds the rest.",
        "One held-out image of each digit as generation 0 and the last model of each kind of arm "
        "leave it, from the same noise (of recorded results, if `python -m paper_figures.samples` "
        "has kept them); decibels are means over all held-out images.",
        needs="denoise --preset desk",
        claims=("SW-14",),
    ),
    Entry(
        "sw_table3", "Self-taught reasoning: accuracy after each schedule",
        "Yang et al. 2025, Table 3",
        "The exponential schedule ends highest on all three difficulties, linear ones a little "
        "above constant ones, and every loop above the model that it began with.",
        "Accuracy after loops of the same total, beside the published one.",
        needs="reasoning --preset desk",
        shape="partly: on average every verified loop gains on the easiest problems; on the "
              "others all stay where they were, near zero",
        order="no: constant, linear and exponential are undecided in either order, constant ends "
              "highest on average",
        size="no: a model of 0.2 million weights trained from scratch on twelve templates; 46.2, "
             "4.4 and 2.5 percent to begin with",
        claims=("SW-14", "SW-41"),
    ),
    Entry(
        "sw_fig4", "Self-taught reasoning: accuracy over cost, by schedule",
        "Yang et al. 2025, Figure 4",
        "Growing schedules overtake the constant one and end above it on each difficulty.",
        "Accuracy over the solutions kept, with loops that keep without a verifier, and final "
        "gains beside the published ones.",
        needs="reasoning --preset desk",
        shape="partly: verified loops rise on the easiest problems, unverified ones fall, "
              "decided by six seeds; nothing moves on the harder two",
        order="no: growing schedules end no higher than the constant one; undecided",
        size="no: gains of 2.6 to 4.8 points where theirs are 4.6 to 10",
        claims=("SW-14", "SW-41", "BP-NO"),
    ),
    Entry(
        "sw_fig7", "Self-taught reasoning: accuracy over cost, by growth rate",
        "Yang et al. 2025, Figure 7",
        "Larger growth rates promise higher accuracy and are less steady.",
        "Accuracy over the solutions kept, for exponential schedules of three growth rates.",
        needs="reasoning --preset night",
        claims=("SW-11", "UL-SCHED"),
    ),
    Entry(
        "sw_fig8", "Self-taught reasoning at a higher temperature",
        "Yang et al. 2025, Figure 8",
        "At temperature 0.7 the schedules compare as at 0.3.",
        "Accuracy over the solutions kept, sampled at temperature 0.7.",
        needs="reasoning --preset desk",
        shape="yes: the schedules compare at 0.7 as they do at 0.3",
        order="partly: as at 0.3, where the order is not theirs",
        size="no: another model and other problems",
        claims=("SW-14",),
    ),
    Entry(
        "sc_fig4", "Correcting one Gaussian towards another",
        "Gillman et al. 2024, Figure 4",
        "A corrected Gaussian is the weighted average that lives between model and target.",
        "The corrected law is a mixture of the two, not the Gaussian in between.",
        shape="no: a corrected Gaussian has two humps, as the definition says; the drawing "
              "shows one in between",
        order="unknown: nothing is ordered",
        size="unknown: an illustration without numbers",
        claims=("SC-D41", "SC-E18.C6", "SCX-C6-KURT"),
    ),
    Entry(
        "sc_fig5", "Gaussian toy loop over the correction strength",
        "Gillman et al. 2024, Figure 5",
        "Stronger correction makes the loop more accurate and more stable at a ratio of 1/2.",
        "So it does under each of four readings of how synthetic points accrue; the exact second "
        "moments predict every point.",
        shape="yes",
        order="yes: the stronger the correction, the smaller the error, in every round but the "
              "first",
        size="unknown: no number is printed",
        claims=("SC-D-REC", "SC-D-STAT", "SCX-GM-FIX", "SCX-GM-monogamma"),
    ),
    Entry(
        "sc_fig6", "Digits: what the models draw after the loop",
        "Gillman et al. 2024, Figure 6",
        "After fifty generations at 150 % the loop without correction draws many illegible "
        "digits; with correction it does not.",
        "Samples of generation 0 and of the last generation of each arm, from the same noise "
        "(of recorded results, if `python -m paper_figures.samples` has kept them).",
        needs="digits --preset desk",
        shape="yes: without correction digits turn to noise, with it they stay legible",
        order="yes: corrected as legible as real images only, uncorrected far behind",
        size="unknown: pictures have no numbers",
        claims=("SC-C45",),
    ),
    Entry(
        "sc_fig7", "Digits: the anchors of the corrector",
        "Gillman et al. 2024, Figure 7",
        "Sixteen centroids a digit look like typical digits.",
        "The centroids of the real images that the runs learnt from.",
        needs="digits --preset desk",
        shape="yes: centroids look like typical digits",
        order="unknown: nothing is ordered",
        size="no: 8x8 digits instead of 28x28",
        claims=("SCX-C2",),
    ),
    Entry(
        "sc_fig8", "Digits: FID over generations, by synthetic ratio",
        "Gillman et al. 2024, Figure 8",
        "With correction the FID stays lower than without, the more so the larger the ratio; any "
        "reasonably large number of anchors does.",
        "FID of the three arms over generations by lambda, and over the number of anchors.",
        needs="digits --preset desk",
        shape="yes: at 1.5 the uncorrected loop drifts and the corrected one stays; more anchors "
              "lie lower, and one a digit does no better than none",
        order="partly: corrected below uncorrected, decided by six seeds at 1.5 and undecided at "
              "0.5; level with real images only",
        size="no: 8x8 digits, another network, 10 generations",
        claims=("SC-C45", "SC-CJ47"),
    ),
    Entry(
        "sc_fig2", "Motion: FID, matching and diversity over generations",
        "Gillman et al. 2024, Figure 2",
        "With correction by physics the loop's FID is lower and steadier than without, and comes "
        "near that of training on real data alone.",
        "The three arms at the largest synthetic ratio, with the paired difference in FID.",
        needs="motion --preset desk",
        shape="yes: the uncorrected loop's FID rises and stays up, the corrected one's stays low",
        order="yes: corrected and real data alone lie below uncorrected, decided by six seeds; "
              "matching scores are undecided",
        size="no: 64 made-up clips, a small model and embedding, 12 generations",
        claims=("SC-C45",),
    ),
    Entry(
        "sc_fig3", "Motion: the same prompt under each arm",
        "Gillman et al. 2024, Figures 1, 3 and 9 to 11",
        "Without correction the figure sinks, floats, slides, or forgets its prompt; with it, it "
        "moves much as real people do.",
        "Strips of the first held-out prompt: the real motion, and that of each arm's last model "
        "(of recorded results, if `python -m empirical.motion.pictures` has kept them).",
        needs="motion --preset desk",
        shape="partly: uncorrected motions sink and slide, corrected ones stand; the small model "
              "forgets rare prompts in every arm",
        order="yes: corrected motions break physics least",
        size="unknown: pictures have no numbers",
        claims=("SC-C45",),
    ),
    Entry(
        "sc_fig12", "Motion: the same for each synthetic ratio",
        "Gillman et al. 2024, Figure 12",
        "Correction helps at every ratio, the more the smaller the training set.",
        "FID, matching score and diversity over generations, by lambda.",
        needs="motion --preset desk",
        shape="yes: the uncorrected loop drifts farther the larger the ratio, the corrected one "
              "less",
        order="yes: corrected below uncorrected at both ratios, decided by six seeds",
        size="no: 64 made-up clips, a small model and embedding, 12 generations",
        claims=("SC-C45",),
    ),
    Entry(
        "sc_fig13", "Motion: the same for each synthetic ratio, 128 clips",
        "Gillman et al. 2024, Figure 13",
        "Correction helps, less than with 64 clips.",
        "FID, matching score and diversity over generations, by lambda.",
        needs="motion --preset paper",
    ),
    Entry(
        "sc_fig14", "Motion: the same for each synthetic ratio, 256 clips",
        "Gillman et al. 2024, Figure 14",
        "Correction helps, as with fewer clips.",
        "FID, matching score and diversity over generations, by lambda.",
        needs="motion --preset paper",
    ),
    Entry(
        "sc_fig15", "Motion: the same for each synthetic ratio, 2,794 clips",
        "Gillman et al. 2024, Figure 15",
        "With many clips both loops lie close; correction makes the FID vary less.",
        "FID, matching score and diversity over generations, by lambda.",
        needs="motion --preset paper",
    ),
    Entry(
        "sc_fig16", "Motion: running averages over generations",
        "Gillman et al. 2024, Figure 16",
        "Averaged over generations, the corrected loop comes to the baseline, the other does not.",
        "The same metrics, each point the mean of all generations so far.",
        needs="motion --preset desk",
        shape="yes: the uncorrected average rises away, the corrected one levels off",
        order="yes: real data alone, corrected, uncorrected",
        size="partly: the corrected average ends between the other two, nearer to real data "
             "alone",
        claims=("SC-C45",),
    ),
    Entry(
        "sc_fig17", "Motion: FID over generations, seed by seed",
        "Gillman et al. 2024, Figures 17 to 20",
        "In every seed the corrected loop has the lower FID; large ratios are less stable.",
        "Three seeds on their own, by lambda.",
        needs="motion --preset desk",
        shape="yes: all arms are restless, generation by generation",
        order="yes: corrected below uncorrected in nearly every generation",
        size="no: another embedding; steadiness is undecided over six seeds",
        claims=("SC-C45",),
    ),
    Entry(
        "sc_motion", "Motion: what bodies cannot do, over generations",
        "ours; setting of Gillman et al. 2024, section 7",
        "Penetration, floating and skating of a model's motions stay lower when it learns from "
        "corrected motions.",
        "Physics of the motions that each generation's model makes, before any correction.",
        needs="motion --preset desk",
    ),
    Entry(
        "bp_fig2", "Accuracy over the generator's error, by verifier",
        "Feng et al. 2025, Figure 2",
        "Accuracy jumps from perfect to worse than chance where the breakdown point predicts.",
        "Without margin the population accuracy falls gradually; it passes 1/2 exactly where the "
        "law jumps.",
        shape="no: in the figure as described accuracy jumps; at a fixed dimension it falls "
              "gradually",
        order="yes: the better the verifier, the further to the right",
        size="partly: accuracy 1/2 is passed exactly at the printed breakdown points",
        claims=("BP-6b", "BPX-1", "BP-E-8", "BP-E-12"),
    ),
    Entry(
        "bp_fig3", "How much verified data to train on",
        "Feng et al. 2025, Figure 3",
        "An oracle verifier matches clean data; a weak verifier has a sweet spot at about 10,000 "
        "items; the breakdown point goes with performance.",
        "Under a fixed penalty every linear verifier, the oracle too, has a sweet spot. The "
        "breakdown point does not go with performance across generators.",
        shape="partly: the weak verifier has its sweet spot, but so has the oracle",
        order="partly: clean data are best and unverified ones worst; the breakdown point does "
              "not rank generators",
        size="partly: the sweet spot lies at thousands of items, the text says about 10,000",
        claims=("BPX-5", "BPX-6", "BP-E-14", "BP-E-14.1"),
    ),
    Entry(
        "bp_fig6", "Accuracy over the error rate, and the breakdown point",
        "Feng et al. 2025, Figure 6",
        "Accuracy switches sharply at the breakdown point, which agrees with its estimate.",
        "At finite size the switch is a transition with a known curve, and reading it off at 90 % "
        "accuracy lies below the breakdown point by a known amount.",
        shape="yes: the jump is a steep curve at finite size",
        order="yes",
        size="partly: 90 % accuracy is lost slightly below the printed breakdown point, by a "
             "known amount",
        claims=("BP-4.2", "BPX-3", "BPX-7", "BP-NV"),
    ),
    Entry(
        "bp_table1", "Eigenvalues: the generator's accuracy by beam",
        "Feng et al. 2025, Table 1",
        "An oracle that looks at all beams finds far more right answers, the more beams the more; "
        "the answer that the model itself prefers gets no better.",
        "Published accuracies, and ours below them.",
        needs="eigen --preset desk",
        shape="yes: with more beams an oracle finds more, and the model's own choice no more",
        order="yes: at every tolerance",
        size="no: 2×2 matrices and a small model; at 2 % ours is right in 36.4 % of answers "
             "where theirs is in 66.9 %, and at 0.5 % more often than theirs",
        claims=("BP-T1",),
    ),
    Entry(
        "bp_fig4", "Eigenvalues: final accuracy over the verifier's p*",
        "Feng et al. 2025, Figure 4",
        "Without verification the student ends below its generator; accuracy rises with p*, and "
        "passes the generator's near p* = 0.65, as theory predicts.",
        "Final accuracy and gain by verifier, where the law for two classes would turn, and where "
        "the text does.",
        needs="eigen --preset desk",
        shape="partly: collapse without verification, as there; six seeds decide no gain",
        order="yes: accuracy rises with p*, every step decided",
        size="no: 2×2 matrices and a generator right more often; no number is printed but a "
             "turning point at 0.65",
        claims=("BP-OR", "BP-NO", "BP-E-17"),
    ),
    Entry(
        "bp_table3", "Eigenvalues: students tuned, or trained from scratch, on verified answers",
        "Feng et al. 2025, Table 3",
        "More beams give better students; tuning the generator on its own answers is worst.",
        "Published accuracies, and ours below them where runs have them.",
        needs="eigen --preset gpu",
        claims=("BP-T3", "BP-E-17.3"),
    ),
    Entry(
        "bp_fig5", "Summaries: final ROUGE-1 and p* by verifier and share selected",
        "Feng et al. 2025, Figure 5",
        "Selection by an oracle is best and beats the generator at every share, at 12.5 % even "
        "training on all references; self-selection beats the generator; a stronger model "
        "selects no better than the lot, which at 12.5 % ends below the generator. Training on "
        "what a verifier with a higher p* selects ends better.",
        "Final ROUGE-1 and measured p* over the share selected, and gain over p*.",
        needs="summary --preset desk",
        shape="partly: oracle above the generator at every share, but self-selection loses at "
              "12.5 % and gains nothing at 50 %, and the stronger model does select better than "
              "the lot from 25 % on",
        order="partly: the oracle is best at 12.5 and 25 %; a higher p* does not always end "
              "higher: at 12.5 % selection of each kind of article beats a higher p* that does "
              "not look at kinds",
        size="no: short made-up reports and a model of 190,000 weights; no number is printed but "
             "34.5 for the best model",
    ),
    Entry(
        "bp_texts", "Summaries of the same articles by each strategy's model",
        "Feng et al. 2025, appendix D",
        "Without selection, or with the stronger model's, summaries collapse to cliches; with "
        "self-selection or an oracle they are specific and informative.",
        "What the model of each strategy writes of the same two articles.",
        needs="summary --preset desk",
        shape="partly: a student of random selection writes as broken sentences as the "
              "generator, those of a verifier whole ones",
        order="partly: all are more alike than the paper's",
        size="unknown: texts have no numbers",
    ),
    Entry(
        "kv_regression", "Verified regression: early gains, plateau, reversal (reconstruction)",
        "Yi et al. 2025, abstract; our reconstruction",
        "Verified retraining improves at first and is finally drawn to the verifier's knowledge "
        "centre, so that gains plateau and may reverse unless the verifier is perfect.",
        "Three regimes of bias, and convergence to the centre at a rate that the window sets.",
        shape="yes: early gains, plateau, reversal, as the abstract says",
        order="yes: the more bias, the earlier the gain turns",
        size="unknown: the figures are not at hand",
        claims=("KV-LT-UPPER", "KV-LT-IFF", "KV-NT-EXACT", "KV-NONE"),
    ),
    Entry(
        "kv_mnist", "Verified digits: gain, plateau, reversal (reconstruction)",
        "Yi et al. 2025, abstract; our reconstruction",
        "Autoencoders retrained on verified digits improve at first; the gain stops, and may "
        "reverse, unless the verifier is perfectly reliable.",
        "Distances from held-out digits round by round, by verifier, and the variety that is "
        "left.",
        needs="digits --preset desk",
        shape="yes: gain in the first round with a verifier; the gain reverses, decided, for a "
              "weak verifier and above all for one that is learnt once; undecided for the strong "
              "and the biased one",
        order="yes: verified below unverified, but for the verifier that is learnt once: the "
              "loop exploits it",
        size="unknown: no number is known to us",
        claims=("UL-STOP", "KV-NONE", "KV-TOPQ1"),
    ),
    Entry(
        "kv_samples", "Verified digits: what the models draw (reconstruction)",
        "Yi et al. 2025, abstract; our reconstruction",
        "Without a verifier the loop collapses; with one it does not.",
        "Samples of generation 0 and of the last generation of each arm, from the same noise.",
        needs="digits --preset desk",
        shape="yes: without a verifier every digit becomes one blurred image",
        order="yes: verified digits vary, unverified ones do not; a verifier that is learnt once "
              "is exploited with scribbles",
        size="unknown: no number is known to us",
        claims=("KV-NONE",),
    ),
    Entry(
        "kv_xsum", "Summaries round after round, selected by a verifier (reconstruction)",
        "Yi et al. 2025, abstract; our reconstruction",
        "Verified retraining improves at first, then levels off, and may reverse unless the "
        "verifier is perfect.",
        "ROUGE-1 over 20 rounds: 12.5 % selected by a stronger model, in constant and growing "
        "rounds, and by lot.",
        needs="summary --preset desk",
        shape="partly: verified rounds lose 0.03 in twenty, without the first gain; by lot they "
              "lose 0.17",
        order="yes: verified far above random, growing rounds not below constant ones",
        size="unknown: a reconstruction; no number is printed",
    ),
    Entry(
        "ul_phase_diagram", "Generator against verifier: the line where angles add to pi",
        "ours; setting of Feng et al. 2025, Figure 2",
        "Training beats chance if and only if the two angles add to less than pi.",
        "Population accuracy over both angles, with simulated points.",
        claims=("BPX-1", "BP-6b"),
    ),
    Entry(
        "ul_transition", "The breakdown at finite size",
        "ours; setting of Feng et al. 2025, Theorem 4.2",
        "At finite N and d the jump is a transition whose curve is known exactly.",
        "The majority of survivors by N, and the classifier's accuracy by (N, d).",
        claims=("BPX-3", "BPX-7", "BPX-3.2"),
    ),
    Entry(
        "ul_stability", "Stable synthetic ratios: as printed and sharp",
        "ours; corrects Gillman et al. 2024, Theorem 4.3",
        "Every synthetic ratio is locally stable, at any correction strength.",
        "The sharp rate over (lambda, gamma), the printed border, and simulated rates.",
        claims=("SCX-SHARP", "SCX-SHARP-BOUND", "SC-T43", "SC-R49"),
    ),
    Entry(
        "ul_steady_error", "When synthetic data beat real data alone",
        "ours; setting of Gillman et al. 2024, Appendix D",
        "For gamma >= 1 synthetic data always help; below, only beyond a critical ratio.",
        "The stationary error over (lambda, gamma), with the break-even ratio.",
        claims=("SCX-GM-FIX", "SCX-GM-lambda_c", "SCX-GM-SLOPE"),
    ),
    Entry(
        "ul_stop", "When to stop: plateau and reversal",
        "ours",
        "A biased verifier first helps, then its own error takes over; the best round is known.",
        "The error to the truth by bias and round, with the stopping round.",
        claims=("UL-STOP", "UL-STOP-CURVE", "UL-STOP-FIRST"),
    ),
    Entry(
        "ul_budget", "A finite budget acts like extra bias",
        "ours",
        "The least error under a budget is that of an infinite one with a more biased verifier.",
        "The least error over the budget, for plans of whole rounds and samples.",
        claims=("UL-BUDGET", "UL-BUDGET-BOUND"),
    ),
)

FIGURES = {entry.name: entry for entry in _ENTRIES}


def load(name):
    """Return the module of a figure.

    Examples
    --------
    >>> load("sw_fig2").__name__
    'paper_figures.sw_fig2'
    """
    return importlib.import_module(f"paper_figures.{FIGURES[name].name}")
