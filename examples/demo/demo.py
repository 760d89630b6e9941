"""The demo: a model in every mode, a layer in two languages, a conversation in two languages."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from conversation import converse
from fetch_model import find_model, generate_model
from layer import compare
from sweep import Result, save_json, sweep, table
from wheel_file import DemoError

from thinbit.cli.output import human_bytes
from thinbit.io import CheckpointError

_ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the demo; 0 when all of it worked."""
    began = time.perf_counter()
    # What the programs that the demo starts print has to come after what it printed before.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    options = _options()
    output: Path = options.output
    output.mkdir(parents=True, exist_ok=True)
    try:
        if options.generated:
            model = generate_model(output / "generated.safetensors")
        else:
            model = find_model(options.cache, output)
        print(f"model: {model.name}, {human_bytes(model.path.stat().st_size)}\n")
        results = sweep(model, output)
        save_json(model, results, output / "table.json")
        print(f"\n{table(results)}\n\nsaved: {output / 'table.json'}")
        _draw(model.name, results, output / "error-against-bits.png")
        print()
        package = None if options.no_swift else _ROOT / "examples" / "swift-package"
        layers = compare(model, output, package, output.resolve() / "swift")
        (output / "layer.json").write_text(json.dumps(layers, indent=2) + "\n")
        print()
        if model.generated:
            print("chat: left out where the model is a generated one")
        else:
            converse(options.cache, output, package, output.resolve() / "swift")
    except (DemoError, CheckpointError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    print(f"\ndone in {time.perf_counter() - began:.0f} s")
    return 0


def _options() -> argparse.Namespace:
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("build/demo"), help="a folder")
    parser.add_argument(
        "--cache", type=Path, default=home / "thinbit", help="where the downloaded model is kept"
    )
    parser.add_argument("--generated", action="store_true", help="use a small generated model")
    parser.add_argument("--no-swift", action="store_true", help="leave the Swift half out")
    return parser.parse_args()


def _draw(name: str, results: list[Result], path: Path) -> None:
    try:
        from picture import draw
    except ImportError as error:
        if os.environ.get("CI"):
            raise DemoError(f"no picture without {error.name}, and CI is set") from None
        print(f'no picture: {error.name} is missing (pip install "thinbit[plot]")')
        return
    draw(name, results, path)
    print(f"saved: {path}")


if __name__ == "__main__":
    sys.exit(main())
