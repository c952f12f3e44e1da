"""The physics corrector on a loop's items: features to poses, through the simulator, and back."""

from dataclasses import dataclass

import numpy as np

from empirical.motion import physics
from empirical.motion.library import to_features, to_poses

__all__ = ["Physics"]


@dataclass(frozen=True, slots=True)
class Physics:
    """Passes on what the simulated humanoid makes of each motion (Gillman et al. 2024, section 7).

    A motion whose body falls, or that cannot be simulated, is passed on as it came, bit for bit.

    Attributes
    ----------
    processes : int
        Of the simulator.
    """

    processes: int = 1

    def correct(self, items):
        """Return the corrected items, with the `outcome` of each: see `physics.OUTCOMES`."""
        return self.correct_and_tell(items)[0]

    def correct_and_tell(self, items):
        """Return the corrected items, and the simulator's :class:`physics.Report`."""
        values, lengths = items["features"], items["length"]
        poses, report = physics.correct(to_poses(values, lengths), lengths, self.processes)
        made = to_features(poses, lengths, values.shape[1])
        kept = np.where(report.corrected[:, None, None], made, values)
        outcome = np.asarray(report.outcome, dtype=np.int64)
        return items | {"features": kept, "outcome": outcome}, report
