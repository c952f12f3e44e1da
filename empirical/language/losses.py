"""The loss on answers alone, and how surprising answers are to a model."""

import numpy as np
import torch
from torch.nn import functional

__all__ = ["answer_loss", "joined", "surprise"]

FIELDS = ("prompt", "prompt_length", "answer", "answer_length")
# Their output layer is a plain product, so that it can be taken at the answers' places alone.
_PLAIN = ("LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM")


def joined(batch, pad=0):
    """Return prompts followed by their answers, and which tokens are answers.

    Parameters
    ----------
    batch : dict of tensors
        The fields of :mod:`empirical.language.items`.
    pad : int
        Fills the rest of each row.

    Returns
    -------
    tokens : tensor of int64, (n, longest)
    mask : tensor of bool, (n, longest)
        True at tokens of answers.
    """
    before, after = batch["prompt_length"].long(), batch["answer_length"].long()
    whole = before + after
    place = torch.arange(int(whole.max()), device=before.device)[None]  # (1, longest)
    first, second = batch["prompt"].long(), batch["answer"].long()
    asked = first.gather(1, place.clamp(max=first.shape[1] - 1).expand(len(first), -1))
    later = (place - before[:, None]).clamp(0, second.shape[1] - 1)
    said = second.gather(1, later)
    mask = (place >= before[:, None]) & (place < whole[:, None])
    filled = torch.where(place < before[:, None], asked, torch.where(mask, said, pad))
    return filled, mask


def _surprises(model, tokens, mask):
    """Return minus the log-probability of each masked token, (count,), row by row.

    Texts are padded at the end, where no token that counts can see it: no mask is needed.
    """
    wanted = tokens[:, 1:][mask[:, 1:]]
    places = mask[:, 1:].nonzero(as_tuple=True)  # the token before predicts
    if type(model).__name__ in _PLAIN:
        hidden = model.base_model(tokens[:, :-1], use_cache=False).last_hidden_state
        logits = model.get_output_embeddings()(hidden[places])
    else:
        logits = model(tokens[:, :-1], use_cache=False).logits[places]
    return functional.cross_entropy(logits.float(), wanted, reduction="none")


def answer_loss(model, batch, pieces=1):
    """Return the mean cross entropy of the answers' tokens given what precedes them, in nats.

    Parameters
    ----------
    model : transformers model
        A causal one.
    batch : dict of tensors
        The fields of :mod:`empirical.language.items`.
    pieces : int
        The batch goes through the network in so many pieces, one after the other, texts of like
        length together, so that less memory is needed and less is padded; the loss and its
        gradient are those of the whole.
    """
    total = batch["answer_length"].sum()
    n = len(batch["prompt"])
    if pieces == 1 or n == 1:
        return _surprises(model, *joined(batch)).sum() / total
    order = (batch["prompt_length"] + batch["answer_length"]).argsort(stable=True)
    batch = {name: batch[name] for name in FIELDS}
    cuts = [{k: v[part] for k, v in batch.items()} for part in order.chunk(pieces)]
    weights = [p for p in model.parameters() if p.requires_grad]
    if not torch.is_grad_enabled():
        return sum(_surprises(model, *joined(cut)).sum() for cut in cuts) / total
    return _InPieces.apply(lambda cut: _surprises(model, *joined(cut)).sum() / total, cuts,
                           *weights)


class _InPieces(torch.autograd.Function):
    """A sum over pieces, whose gradient is gathered piece by piece so that one fits in memory."""

    @staticmethod
    def forward(context, loss_of, cuts, *weights):
        total, gradients = 0.0, None
        for cut in cuts:
            with torch.enable_grad():
                loss = loss_of(cut)
                found = torch.autograd.grad(loss, weights, allow_unused=True)
            total = total + loss.detach()
            gradients = found if gradients is None else tuple(
                b if a is None else a if b is None else a.add_(b)
                for a, b in zip(gradients, found))
        context.gradients = gradients
        return total

    @staticmethod
    def backward(context, factor):
        found = (None if g is None else g.mul_(factor) for g in context.gradients)
        return None, None, *found


@torch.inference_mode()
def surprise(model, items, block, device="cpu"):
    """Return minus the log-probability of each answer, and its tokens: arrays (n,).

    The perplexity of item i is exp(first[i] / second[i]); of all of them together,
    exp(first.sum() / second.sum()).

    Parameters
    ----------
    model : transformers model
        A causal one.
    items : dict of arrays
        The fields of :mod:`empirical.language.items`.
    block : int
        Items at once; the last ones are padded to as many.
    device : str
        Torch device.
    """
    model.eval()
    found, n = [], len(items["prompt"])
    for first in range(0, n, block):
        chosen = np.minimum(np.arange(first, first + block), n - 1)
        batch = {k: torch.from_numpy(items[k][chosen]).to(device) for k in FIELDS}
        tokens, mask = joined(batch)
        each = _surprises(model, tokens, mask).double()
        owner = mask[:, 1:].nonzero()[:, 0]
        sums = torch.zeros(block, dtype=torch.float64, device=device).index_add_(0, owner, each)
        found.append(sums[: n - first].cpu().numpy())
    lengths = items["answer_length"].astype(np.int64)
    return (np.concatenate(found) if found else np.zeros(0)), lengths
