"""One module for each library; each has a `PEER`, a `bench.model.Peer`."""

NAMES = ("thinbit_cpu", "mlx_cpu", "onnx_runtime", "ggml", "torch_cpu", "openblas")
CALLERS = ("thinbit_swift",)  # only the cost of their calls is measured
TITLES = {
    "thinbit_swift": "thinbit",
    "thinbit_cpu": "thinbit",
    "mlx_cpu": "MLX",
    "onnx_runtime": "ONNX Runtime",
    "ggml": "ggml",
    "torch_cpu": "torch",
    "openblas": "OpenBLAS",
    "limits": "limit",
}
