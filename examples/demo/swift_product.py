"""Building an executable of the Swift example package."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from wheel_file import DemoError


def build(product: str, package: Path, scratch: Path) -> Path | None:
    """Build a product in release mode; None, with a message, where there is no Swift.

    In CI a missing Swift, and everywhere a failed build, is a DemoError.
    """
    swift = shutil.which("swift")
    if swift is None:
        if os.environ.get("CI"):
            raise DemoError("there is no swift on the PATH, and CI is set")
        print("swift: there is no swift on the PATH (https://swift.org/install): Python alone")
        return None
    print(f"swift: building {product}; the first build takes a minute or two")
    command = [swift, "build", "--configuration", "release", "--package-path", str(package)]
    command += ["--scratch-path", str(scratch), "--product", product]
    if subprocess.run(command).returncode != 0:
        raise DemoError(f"{' '.join(command)} failed")
    shown = subprocess.run(
        [*command, "--show-bin-path"], capture_output=True, text=True, check=True
    )
    return Path(shown.stdout.strip()) / product
