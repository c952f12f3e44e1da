"""Greedy decoding and beam search, over many matrices at once.

The output has a fixed length, so every hypothesis ends at the same place and no score needs a
penalty for length. How many hypotheses there are at each place is known beforehand (one, then as
many as the grammar allows, up to the beam). The memory of a matrix is projected to keys and
values once, and all its hypotheses attend to that one copy.
"""

import torch

__all__ = ["beam_search"]


@torch.inference_mode()
def beam_search(model, source, beams=1):
    """Return the most probable outputs that beam search finds; `beams` = 1 is greedy decoding.

    Parameters
    ----------
    model : Transformer
        The model.
    source : tensor of int64, (n, source)
        Input tokens.
    beams : int
        Hypotheses kept at each place, >= 1.

    Returns
    -------
    tokens : tensor of int64, (n, found, target)
        The outputs, best first; `found` is `beams`, or all outputs that the grammar allows.
    scores : tensor of float32, (n, found)
        Their log-probabilities.
    """
    if beams < 1:
        raise ValueError(f"beams = {beams}: must lie in [1, inf)")
    memory = model.encode(source)
    crossed = [layer.crossing.project(memory) for layer in model.writers]
    pasts = [None] * len(crossed)
    n = len(source)
    tokens = source.new_zeros(n, 1, 0)
    totals = torch.zeros(n, 1, device=source.device)
    x = model.start(n)
    for place in range(model.shape.target):
        for level, layer in enumerate(model.writers):
            x, pasts[level] = layer.step(x, pasts[level], crossed[level])
        first, last = model.shape.kind(place)
        logits = model.scores(model.write_norm(x), place).float()
        joint = (totals[..., None] + logits.log_softmax(-1)).flatten(1)
        totals, chosen = joint.topk(min(beams, joint.shape[1]), dim=1)  # (n, found)
        parents = chosen // (last - first)
        newest = chosen % (last - first) + first
        tokens = torch.cat([_follow(tokens, parents), newest[..., None]], dim=-1)
        if place + 1 < model.shape.target:
            if beams > 1:
                pasts = [tuple(_follow(part, parents) for part in past) for past in pasts]
            x = model.embed(newest, place + 1)
    return tokens, totals


def _follow(values, parents):
    """Return the rows of `values` (n, beams, ...) that `parents` (n, found) name."""
    rows = torch.arange(len(values), device=values.device)[:, None]
    return values[rows, parents]
