"""Answering questions: the most likely token, again and again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from llama import Llama
from tokenizers import Tokenizer

END = "<|im_end|>"


@dataclass(frozen=True)
class Answer:
    """What a model answered, and what that took.

    Attributes:
        prompt: The tokens of the prompt.
        tokens: The tokens of the answer, without the one that ends it.
        text: The answer.
        prompt_seconds: From the first token of the prompt to the first of the answer.
        answer_seconds: From the first token of the answer to the last.
    """

    prompt: list[int]
    tokens: list[int]
    text: str
    prompt_seconds: float
    answer_seconds: float


def chat_prompt(question: str) -> str:
    """A question in the form that SmolLM2 was trained on, with its own system message."""
    return (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
        f"{END}\n<|im_start|>user\n{question}{END}\n<|im_start|>assistant\n"
    )


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a checkpoint's folder."""
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def answer(question: str, model: Llama, tokenizer: Tokenizer, most: int) -> Answer:
    """Always the most likely token, until the model ends or `most` tokens."""
    end = tokenizer.token_to_id(END)
    if end is None:
        raise ValueError(f"the tokenizer has no {END}, which ends an answer")
    prompt: list[int] = tokenizer.encode(chat_prompt(question)).ids
    cache = model.cache()
    tokens: list[int] = []
    start = time.perf_counter()
    following = int(model.last(prompt, cache).argmax())
    first = time.perf_counter()
    while following != end and len(tokens) < most:
        tokens.append(following)
        if len(tokens) == most:
            break
        following = int(model.last([following], cache).argmax())
    last = time.perf_counter()
    return Answer(prompt, tokens, tokenizer.decode(tokens), first - start, last - first)
