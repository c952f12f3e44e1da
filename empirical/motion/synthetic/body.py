"""A figure under construction: its path, its feet and its upper body, put together to a clip."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from empirical.motion import quaternions as quat
from empirical.motion.skeleton import FPS, limits, to_pose
from empirical.motion.synthetic.legs import LEG, TOE, leg_angles, pitch, standing, turn

__all__ = ["STAND", "Body"]

STAND = LEG - TOE[1] - 0.012  # height of the pelvis of a figure that stands nearly straight
_SLACK = 1e-3  # that is kept from the joints' limits


class Body:
    """What is planned for every frame; all of it may be changed until :meth:`pose` is called.

    Parameters
    ----------
    frames : int
        Length of the clip.

    Attributes
    ----------
    times : array, (frames,)
        Seconds.
    place : array, (frames, 2)
        Of the pelvis on the floor, (x, z).
    height, heading, lean : array, (frames,)
        Of the pelvis: m; turn to the left; forward tilt.
    feet : list of Feet
        Right, left.
    chest, neck : array, (frames, 3)
        Rotation vectors: x right ear down to the right shoulder, y turn left, z backwards.
    shoulders : array, (2, frames, 3)
        Right, left: raised sideways, turned, raised forward; mirrored, so that equal numbers
        mean equal gestures.
    elbows : array, (2, frames)
        Bent by.
    """

    def __init__(self, frames):
        self.frames, self.times = frames, np.arange(frames) / FPS
        self.place = np.zeros((frames, 2))
        self.height, self.heading, self.lean = np.full(frames, STAND), *np.zeros((2, frames))
        self.feet = [standing(frames, side) for side in (1.0, -1.0)]
        self.chest, self.neck = np.zeros((2, frames, 3))
        self.shoulders, self.elbows = np.zeros((2, frames, 3)), np.full((2, frames), 0.2)
        self.shoulders[..., 0] = 0.12  # arms hang a little off the body

    @property
    def seconds(self):
        """Length of the clip."""
        return self.frames / FPS

    def share(self, start, stop):
        """Return which share of the time from `start` to `stop` (s) has passed, (frames,)."""
        return (self.times - start) / (stop - start)

    def pose(self):
        """Return the clip's poses, (frames, 43), within the joints' limits."""
        height = gaussian_filter1d(self.height, 1.0, mode="nearest")
        position = np.stack([self.place[:, 0], height, self.place[:, 1]], axis=-1)
        root = quat.multiply(turn(self.heading), pitch(-self.lean))
        limbs = []
        for number, side in enumerate((1.0, -1.0)):
            arm = self.shoulders[number] * [-side, -side, 1.0]
            limbs += [*leg_angles(position, root, self.feet[number], side), arm,
                      self.elbows[number][:, None]]
        angles = np.concatenate([self.chest, self.neck, *limbs], axis=-1)
        low, high = limits()
        return to_pose(position, root, np.clip(angles, low + _SLACK, high - _SLACK))
