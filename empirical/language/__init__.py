"""Language models in loops: tokens, models, generation and losses that its tasks share.

    shape     sizes and source of a model, part of a task's config; imports no torch
    tokens    texts as token numbers: an own vocabulary, or that of a pre-trained model
    items     prompts and answers as padded arrays
    model     a Llama-shaped model from scratch, or one from a path, a hub or a GGUF file
    generate  answers for prompts, in blocks of one shape, each sampled from its own stream
    engine    the one interface of generators: ours, or vLLM where it is installed
    losses    the loss on answers, and how surprising a text is
"""
