"""Sharded layers beside MLX's own, on its ring."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from tests.distributed.jobs import python, run_job

try:
    import mlx.nn.layers.distributed  # noqa: F401
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip("mlx is not installed", allow_module_level=True)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_two_ranks_give_what_mlx_gives_in_every_mode_that_it_has(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.json"
    hosts.write_text(json.dumps([[f"127.0.0.1:{port}"] for port in free_ports(2)]))
    lines = run_job((2, python("beside_mlx.py", str(hosts))), seconds=120)
    # Biased and not, both shardings: 6 bits and 3 group sizes of affine, and the other modes.
    count = 4 * (6 * 3 + 3)
    assert lines == [f"rank {rank} compared {count}" for rank in range(2)]
