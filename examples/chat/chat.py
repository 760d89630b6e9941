"""Answers questions with a Llama-shaped checkpoint: `chat.py FOLDER MOST_TOKENS QUESTION...`.

Under `mpiexec -n N` each of N ranks has a part of every layer, and the first one prints.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from answer import answer, read_tokenizer
from llama import Llama

from thinbit import QuantizedTensor, ThinbitError, distributed, nn
from thinbit.io import CheckpointError


def main() -> int:
    """Answer every question; 0 when all of it worked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a checkpoint with config and tokenizer.json")
    parser.add_argument("most", type=int, help="the most tokens of an answer")
    parser.add_argument("questions", nargs="+", metavar="question")
    parser.add_argument(
        "--float",
        action="store_true",
        help="use the float weights that the quantized ones stand for",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        group = distributed.init()
        if options.float and group.size > 1:
            parser.error("--float is for one process")
        with nn.Weights(options.folder) as weights:
            model = Llama(weights, group if group.size > 1 else None)
    except (CheckpointError, KeyError, OSError, ThinbitError) as error:
        print(f"chat: {error}", file=sys.stderr)
        return 1
    if options.float:
        dequantize(model)
    tokenizer = read_tokenizer(options.folder)
    answers = []
    for question in options.questions:
        answers.append(answer(question, model, tokenizer, options.most))
        if not options.json and group.rank == 0:
            print(f"> {question}\n{answers[-1].text}\n", flush=True)
    if options.json and group.rank == 0:
        given = [asdict(item) for item in answers]
        sizes = {"parameter_bytes": parameter_bytes(model), "peak_bytes": peak_bytes()}
        print(json.dumps({**sizes, "answers": given}))
    return 0


def dequantize(model: Llama) -> None:
    """Put the float weights in the place of the quantized ones that stand for them."""
    layers: dict[str, nn.Module] = {}
    for path, module in model.named_modules():
        if isinstance(module, nn.QuantizedLinear):
            layers[path] = nn.Linear(module.weight.dequantize("float32"), module.bias)
        elif isinstance(module, nn.QuantizedEmbedding):
            layers[path] = nn.Embedding(module.weight.dequantize("float32"))
    model.replace(layers)


def parameter_bytes(model: nn.Module) -> int:
    """Bytes of all parameters."""

    def size(value: Any) -> int:
        if isinstance(value, QuantizedTensor):
            return value.nbytes
        return math.prod(value.shape) * int(value.dtype.itemsize)

    return sum(size(value) for value in model.parameters().values())


def peak_bytes() -> int:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # bytes there, KiB elsewhere


if __name__ == "__main__":
    sys.exit(main())
