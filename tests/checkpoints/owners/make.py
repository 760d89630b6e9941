"""Writes the checkpoints in this folder, with the values that their owners' dequantizers give.

Those libraries need torch, so the tests do not run them: they read what this wrote. In a virtual
environment of its own: `pip install -r requirements.txt`, then `python make.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from compressed_tensors.compressors import BaseCompressor
from compressed_tensors.compressors.nvfp4.helpers import unpack_fp4_from_uint8
from compressed_tensors.compressors.pack_quantized.helpers import unpack_from_int32
from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
from compressed_tensors.quantization.lifecycle.forward import dequantize
from modelopt.torch.quantization.qtensor import NVFP4QTensor
from safetensors.torch import save_file
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

HERE = Path(__file__).parent
ROWS, COLUMNS = 6, 256
Tensors = dict[str, torch.Tensor]


def main() -> None:
    """Write every checkpoint."""
    torch.manual_seed(2026)
    pack_quantized()
    for mode in ("nvfp4", "mxfp4", "mxfp8"):
        microscaling(mode)
    modelopt()
    gpt_oss()


def pack_quantized() -> None:
    """Integers of every width: symmetric and not, by groups and by rows, in three dtypes."""
    stored: Tensors = {}
    expected: Tensors = {}
    cases: list[tuple[int, int | None, bool, torch.dtype]]
    cases = [(bits, 128, True, torch.bfloat16) for bits in range(1, 9)]
    cases += [(4, 64, False, torch.bfloat16), (8, 32, False, torch.float16)]
    cases += [(3, 128, False, torch.float32), (4, None, True, torch.float16)]
    cases += [(5, None, False, torch.bfloat16), (2, 256, True, torch.float32)]
    for bits, group_size, symmetric, dtype in cases:
        weights = QuantizationArgs(
            num_bits=bits,
            type="int",
            symmetric=symmetric,
            strategy="group" if group_size else "channel",
            group_size=group_size,
        )
        # Two groups of 256, each of which is two of affine's largest groups.
        columns = 512 if group_size == 256 else COLUMNS
        groups = columns // group_size if group_size else 1
        module = f"b{bits}_g{group_size}_{'sym' if symmetric else 'zero'}"
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1)
        scale = (torch.rand(ROWS, groups) / 16 + 1e-3).to(dtype)
        zero = torch.randint(low, high, (ROWS, groups), dtype=torch.int8)
        if symmetric:
            zero = torch.zeros_like(zero)
        state = {
            "weight": torch.randn(ROWS, columns).to(dtype) * scale.max() * high,
            "weight_scale": scale,
            "weight_zero_point": zero,
        }
        scheme = QuantizationScheme(targets=["Linear"], weights=weights)
        compressor: Any = BaseCompressor.get_value_from_registry("pack-quantized")
        state = compressor.compress(state, scheme)
        codes = unpack_from_int32(state["weight_packed"], bits, torch.Size((ROWS, columns)))
        values = dequantize(codes, scale.float(), zero, weights, dtype=torch.float32)
        stored.update({f"{module}.{name}": tensor for name, tensor in state.items()})
        expected[module] = values
    config = {"quant_method": "compressed-tensors", "format": "pack-quantized"}
    write("pack-quantized", stored, expected, config)


def microscaling(mode: str) -> None:
    """FP4 and FP8 with the scales of OCP and of NVIDIA."""
    fp8, nvidia = mode == "mxfp8", mode == "nvfp4"
    name = "mxfp8-quantized" if fp8 else f"{mode}-pack-quantized"
    size = 16 if nvidia else 32
    weights = QuantizationArgs(
        num_bits=8 if fp8 else 4,
        type="float",
        strategy="tensor_group" if nvidia else "group",
        group_size=size,
        scale_dtype=torch.float8_e4m3fn if nvidia else torch.uint8,
        zp_dtype=torch.float8_e4m3fn if nvidia else torch.uint8,
    )
    w = torch.randn(ROWS, COLUMNS)
    amax = w.reshape(ROWS, -1, size).abs().amax(-1)
    state: Tensors = {"weight": w}
    divisor = None
    if nvidia:
        divisor = (2688 / w.abs().max()).reshape(1)
        state["weight_global_scale"] = divisor
        state["weight_scale"] = (amax / 6 * divisor).to(torch.float8_e4m3fn).float()
    else:
        state["weight_scale"] = 2.0 ** torch.floor(torch.log2(amax) - (8 if fp8 else 2))
    scheme = QuantizationScheme(targets=["Linear"], weights=weights)
    compressor: Any = BaseCompressor.get_value_from_registry(name)
    stored = compressor.compress(state, scheme)
    if fp8:
        values = stored["weight"].float()
        scale = compressor._decompress_scale(stored["weight_scale"]).float()
    else:
        packed = stored["weight_packed"]
        values = unpack_fp4_from_uint8(packed, ROWS, COLUMNS, dtype=torch.float32)
        scale = compressor._decompress_scale(stored["weight_scale"], torch.float32)
    expected = dequantize(values, scale, args=weights, dtype=torch.float32, global_scale=divisor)
    config = {"quant_method": "compressed-tensors", "format": name}
    write(name, {f"x.{k}": v for k, v in stored.items()}, {"x": expected}, config)


def modelopt() -> None:
    """NVFP4 as ModelOpt exports it."""
    w = torch.randn(ROWS, COLUMNS)
    quantized, scale, factor = NVFP4QTensor.quantize(w, 16)
    expected = quantized.dequantize(
        torch.float32, scale=scale, double_scale=factor, block_sizes={-1: 16}
    )
    stored = {
        "x.weight": quantized._quantized_data,
        "x.weight_scale": scale.to(torch.float8_e4m3fn),
        "x.weight_scale_2": factor.reshape(()).float(),
        "x.input_scale": torch.tensor(0.5),
        "norm.weight": torch.ones(COLUMNS),
    }
    write("modelopt", stored, {"x": expected}, {"quant_method": "modelopt", "quant_algo": "NVFP4"})


def gpt_oss() -> None:
    """The experts of gpt-oss, with every code and scales from 2^-20 to 2^20."""
    experts = 3
    blocks = torch.randint(0, 256, (experts, ROWS, COLUMNS // 32, 16), dtype=torch.uint8)
    scales = torch.randint(107, 148, (experts, ROWS, COLUMNS // 32), dtype=torch.uint8)
    module = "model.layers.0.mlp.experts.gate_up_proj"
    values = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
    stored = {
        f"{module}_blocks": blocks,
        f"{module}_scales": scales,
        f"{module}_bias": torch.randn(experts, ROWS).to(torch.bfloat16),
    }
    # The owner gives (E, K, N), the transpose of what is stored.
    write("gpt-oss", stored, {module: values.transpose(1, 2)}, {"quant_method": "mxfp4"})


def write(name: str, stored: Tensors, expected: Tensors, quantization: dict[str, Any]) -> None:
    """Write a folder with a checkpoint and the values it stands for."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    save_file({k: v.detach().contiguous() for k, v in stored.items()}, folder / "model.safetensors")
    save_file({k: v.detach().contiguous() for k, v in expected.items()}, folder / "values")
    config = {"model_type": "test", "quantization_config": quantization}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main()
