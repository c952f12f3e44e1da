"""Prompts and answers as items: token numbers in padded arrays, with their lengths.

An item of a language task holds

    prompt         int32 (n, P), what the model is given, padded at the end
    prompt_length  int32 (n,)
    answer         int32 (n, A), what it wrote or should write, with the end mark where it ended
    answer_length  int32 (n,)
"""

import numpy as np

__all__ = ["answers", "padded", "prompts", "rows", "text"]


def padded(sequences, width, pad, name="text"):
    """Return sequences of token numbers as one array and their lengths.

    Parameters
    ----------
    sequences : sequence of sequence of int
        n of them.
    width : int
        Columns of the array.
    pad : int
        Fills the rest of each row.
    name : str
        What they are, for the error.

    Returns
    -------
    array of int32, (n, width)
    array of int32, (n,)

    Raises
    ------
    ValueError
        When one is longer than `width`.
    """
    lengths = np.array([len(row) for row in sequences], dtype=np.int32)
    if len(lengths) and lengths.max() > width:
        raise ValueError(f"{name} = {lengths.max()} tokens: must have at most {width}")
    made = np.full((len(lengths), width), pad, dtype=np.int32)
    for row, sequence in zip(made, sequences):
        row[: len(sequence)] = sequence
    return made, lengths


def prompts(tokens, texts, width):
    """Return the fields `prompt` and `prompt_length` of texts."""
    made, lengths = padded(
        [(*tokens.start, *tokens.encode(text)) for text in texts], width, tokens.pad, "prompt")
    return {"prompt": made, "prompt_length": lengths}


def answers(tokens, texts, width):
    """Return the fields `answer` and `answer_length` of whole texts, each with its end mark."""
    made, lengths = padded(
        [(*tokens.encode(text), tokens.end) for text in texts], width, tokens.pad, "answer")
    return {"answer": made, "answer_length": lengths}


def rows(items, field):
    """Return the token numbers of a field ("prompt", "answer"), a list of arrays."""
    return [row[:n] for row, n in zip(items[field], items[f"{field}_length"])]


def text(tokens, items, field="answer"):
    """Return the texts of a field, a list of str."""
    return [tokens.decode(row) for row in rows(items, field)]
