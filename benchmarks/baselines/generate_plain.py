"""Generation as one would write it with transformers: `model.generate` on padded batches."""

import torch

__all__ = ["generate"]


@torch.inference_mode()
def generate(model, tokens, prompts, longest, batch):
    """Return greedy answers, a list of lists of tokens with their end marks."""
    made = []
    for first in range(0, len(prompts), batch):
        part = prompts[first : first + batch]
        width = max(map(len, part))
        rows = [[tokens.pad] * (width - len(row)) + list(row) for row in part]
        mask = [[0] * (width - len(row)) + [1] * len(row) for row in part]
        found = model.generate(
            torch.tensor(rows), attention_mask=torch.tensor(mask), do_sample=False,
            max_new_tokens=longest, use_cache=True, pad_token_id=tokens.pad,
            eos_token_id=tokens.end,
        )
        for row in found[:, width:].tolist():
            made.append(row[: row.index(tokens.end) + 1] if tokens.end in row else row)
    return made
