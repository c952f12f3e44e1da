"""Run a comparison on a Slurm cluster, one job a seed; see docs/slurm.md.

    python examples/slurm_seeds.py eigen night --runs-dir /scratch/me/runs --device cuda
    python examples/slurm_seeds.py eigen desk --runs-dir /scratch/me/runs --grid loop.rounds=1,2,4
"""

import argparse
import dataclasses
import sys
from pathlib import Path

from empirical import launch
from empirical.comparison import combinations
from empirical.engine import StopSign, run_cells
from empirical.task import outline
from loopcert.verbs.sweep import grid


@dataclasses.dataclass(frozen=True)
class Seeds:
    """What a job does: all arms of one seed, or what is left of them.

    The comparison is planned in the job, because a run's identity holds the arithmetic of the
    machine that computes it; the arms of a seed share its base model, so they share a job.
    """

    task: str
    preset: str
    options: dict  # of empirical.launch.prepare
    seconds: float = float("inf")

    def plan(self, **more):
        """Return the comparison and its settings."""
        return launch.prepare(self.task, self.preset, **self.options, **more)

    def __call__(self, seed):
        """Run the arms of a seed; return (run, problem, stopped) of each."""
        with StopSign(self.seconds) as sign:
            planned, settings = self.plan(stop=sign)
            planned.save()
            mine = [cell for cell in planned.cells if cell.seed == seed]
            outcomes = run_cells(mine, settings)
        return [(outcome.run, outcome.problem, outcome.stopped) for outcome in outcomes]

    def checkpoint(self, seed):
        """Tell submitit to queue the job again when Slurm's time limit is near.

        Whatever a run has on disk at that moment is sound, and the next job goes on from it.
        """
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, seed)


def _parsed(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task")
    parser.add_argument("preset")
    parser.add_argument("--runs-dir", type=Path, required=True, help="seen by every node")
    parser.add_argument("--grid", action="append", help="KEY=A,B,C as for loopcert sweep")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--minutes", type=int, default=240, help="time limit of a job")
    parser.add_argument("--partition")
    parser.add_argument("--cluster", default="slurm", help='"local" runs the jobs here, as a test')
    return parser.parse_args(arguments)


def main(arguments=None):
    """Submit the jobs, wait for them; return 1 when some run did not come to its end."""
    import submitit

    given = _parsed(arguments)
    job = Seeds(given.task, given.preset, {
        "runs_dir": given.runs_dir.absolute(), "device": given.device, "threads": given.threads,
        "arms": combinations(grid([given.grid])) if given.grid else None,
    })
    executor = submitit.AutoExecutor(given.runs_dir / "slurm", cluster=given.cluster)
    executor.update_parameters(
        name=f"{given.task}-{given.preset}", timeout_min=given.minutes,
        cpus_per_task=given.threads, slurm_partition=given.partition, slurm_array_parallelism=64,
        **({"gpus_per_node": 1} if given.device == "cuda" else {}),
    )
    seeds = range(outline(given.task).presets[given.preset].seeds)
    left = 0
    for seed, submitted in zip(seeds, executor.map_array(job, seeds)):
        for run, problem, _ in submitted.result():
            left += not run
            sys.stdout.write(f"seed {seed}: {run or problem}\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
