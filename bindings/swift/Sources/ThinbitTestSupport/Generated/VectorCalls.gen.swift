// generated from codegen/schema/thinbit.yaml: do not edit
import Thinbit

/// Every op, by its name.
public let vectorOps = [
  "quantize",
  "dequantize",
  "quantized_matmul",
  "quantized_addmm",
  "gather_qmm",
  "qqmm",
  "qqaddmm",
  "gather_qqmm",
  "to_fp8",
  "from_fp8",
]

/// Calls an op by its name with flat operands; nil where no op has that name.
public func callFlat(_ op: String, _ arguments: VectorArguments) throws -> [VectorOutput]? {
  switch op {
  case "quantize":
    let result = try quantized(
      arguments.tensor("w"),
      groupSize: arguments.optionalInteger("group_size"),
      bits: arguments.optionalInteger("bits"),
      mode: arguments.mode("mode", default: .affine),
      globalScale: arguments.optionalTensor("global_scale"))
    return [
      VectorOutput("wq", result.wq),
      VectorOutput("scales", result.scales),
      VectorOutput("biases", result.biases),
    ]
  case "dequantize":
    let result = try dequantized(
      arguments.tensor("w"),
      scales: arguments.tensor("scales"),
      biases: arguments.optionalTensor("biases"),
      groupSize: arguments.optionalInteger("group_size"),
      bits: arguments.optionalInteger("bits"),
      mode: arguments.mode("mode", default: .affine),
      globalScale: arguments.optionalTensor("global_scale"),
      dtype: arguments.optionalDtype("dtype"))
    return [VectorOutput("out", result)]
  case "quantized_matmul":
    let result = try quantizedMM(
      arguments.tensor("x"),
      arguments.tensor("w"),
      scales: arguments.tensor("scales"),
      biases: arguments.optionalTensor("biases"),
      transpose: arguments.flag("transpose", default: true),
      groupSize: arguments.optionalInteger("group_size"),
      bits: arguments.optionalInteger("bits"),
      mode: arguments.mode("mode", default: .affine),
      globalScale: arguments.optionalTensor("global_scale"))
    return [VectorOutput("out", result)]
  case "quantized_addmm":
    let result = try quantizedAddMM(
      arguments.tensor("c"),
      arguments.tensor("x"),
      arguments.tensor("w"),
      scales: arguments.tensor("scales"),
      biases: arguments.optionalTensor("biases"),
      transpose: arguments.flag("transpose", default: true),
      groupSize: arguments.optionalInteger("group_size"),
      bits: arguments.optionalInteger("bits"),
      mode: arguments.mode("mode", default: .affine),
      globalScale: arguments.optionalTensor("global_scale"),
      alpha: arguments.number("alpha", default: 1.0),
      beta: arguments.number("beta", default: 1.0))
    return [VectorOutput("out", result)]
  case "gather_qmm":
    let result = try gatherQuantizedMM(
      arguments.tensor("x"),
      arguments.tensor("w"),
      scales: arguments.tensor("scales"),
      biases: arguments.optionalTensor("biases"),
      lhsIndices: arguments.optionalTensor("lhs_indices"),
      rhsIndices: arguments.optionalTensor("rhs_indices"),
      transpose: arguments.flag("transpose", default: true),
      groupSize: arguments.optionalInteger("group_size"),
      bits: arguments.optionalInteger("bits"),
      mode: arguments.mode("mode", default: .affine),
      globalScale: arguments.optionalTensor("global_scale"),
      sortedIndices: arguments.flag("sorted_indices", default: false))
    return [VectorOutput("out", result)]
  case "qqmm":
    let result = try quantizedQuantizedMM(
      arguments.tensor("x"),
      arguments.tensor("w"),
      scales: arguments.optionalTensor("scales"),
      groupSize: arguments.optionalInteger("group_size"),
      bits: arguments.optionalInteger("bits"),
      mode: arguments.mode("mode", default: .nvfp4),
      globalScaleX: arguments.optionalTensor("global_scale_x"),
      globalScaleW: arguments.optionalTensor("global_scale_w"))
    return [VectorOutput("out", result)]
  case "qqaddmm":
    let result = try quantizedQuantizedAddMM(
      arguments.tensor("c"),
      arguments.tensor("x"),
      arguments.tensor("w"),
      scales: arguments.optionalTensor("scales"),
      groupSize: arguments.optionalInteger("group_size"),
      bits: arguments.optionalInteger("bits"),
      mode: arguments.mode("mode", default: .nvfp4),
      globalScaleX: arguments.optionalTensor("global_scale_x"),
      globalScaleW: arguments.optionalTensor("global_scale_w"),
      alpha: arguments.number("alpha", default: 1.0),
      beta: arguments.number("beta", default: 1.0))
    return [VectorOutput("out", result)]
  case "gather_qqmm":
    let result = try gatherQuantizedQuantizedMM(
      arguments.tensor("x"),
      arguments.tensor("w"),
      scales: arguments.optionalTensor("scales"),
      lhsIndices: arguments.optionalTensor("lhs_indices"),
      rhsIndices: arguments.optionalTensor("rhs_indices"),
      groupSize: arguments.optionalInteger("group_size"),
      bits: arguments.optionalInteger("bits"),
      mode: arguments.mode("mode", default: .nvfp4),
      globalScaleX: arguments.optionalTensor("global_scale_x"),
      globalScaleW: arguments.optionalTensor("global_scale_w"),
      sortedIndices: arguments.flag("sorted_indices", default: false))
    return [VectorOutput("out", result)]
  case "to_fp8":
    let result = try toFP8(
      arguments.tensor("x"))
    return [VectorOutput("out", result)]
  case "from_fp8":
    let result = try fromFP8(
      arguments.tensor("x"),
      dtype: arguments.dtype("dtype", default: .float32))
    return [VectorOutput("out", result)]
  default:
    return nil
  }
}

/// Calls an op by its name with a `QuantizedTensor` in place of the flat operands; nil where no op
/// with one has that name.
public func callWithQuantizedTensor(
  _ op: String, _ arguments: VectorArguments
) throws -> [VectorOutput]? {
  switch op {
  case "dequantize":
    let result = try dequantized(
      try QuantizedTensor(
        packed: arguments.tensor("w"),
        scales: arguments.tensor("scales"),
        biases: arguments.optionalTensor("biases"),
        groupSize: arguments.optionalInteger("group_size"),
        bits: arguments.optionalInteger("bits"),
        mode: arguments.mode("mode", default: .affine),
        globalScale: arguments.optionalTensor("global_scale")),
      dtype: arguments.optionalDtype("dtype"))
    return [VectorOutput("out", result)]
  case "quantized_matmul":
    let result = try quantizedMM(
      arguments.tensor("x"),
      try QuantizedTensor(
        packed: arguments.tensor("w"),
        scales: arguments.tensor("scales"),
        biases: arguments.optionalTensor("biases"),
        groupSize: arguments.optionalInteger("group_size"),
        bits: arguments.optionalInteger("bits"),
        mode: arguments.mode("mode", default: .affine),
        globalScale: arguments.optionalTensor("global_scale")),
      transpose: arguments.flag("transpose", default: true))
    return [VectorOutput("out", result)]
  case "quantized_addmm":
    let result = try quantizedAddMM(
      arguments.tensor("c"),
      arguments.tensor("x"),
      try QuantizedTensor(
        packed: arguments.tensor("w"),
        scales: arguments.tensor("scales"),
        biases: arguments.optionalTensor("biases"),
        groupSize: arguments.optionalInteger("group_size"),
        bits: arguments.optionalInteger("bits"),
        mode: arguments.mode("mode", default: .affine),
        globalScale: arguments.optionalTensor("global_scale")),
      transpose: arguments.flag("transpose", default: true),
      alpha: arguments.number("alpha", default: 1.0),
      beta: arguments.number("beta", default: 1.0))
    return [VectorOutput("out", result)]
  case "gather_qmm":
    let result = try gatherQuantizedMM(
      arguments.tensor("x"),
      try QuantizedTensor(
        packed: arguments.tensor("w"),
        scales: arguments.tensor("scales"),
        biases: arguments.optionalTensor("biases"),
        groupSize: arguments.optionalInteger("group_size"),
        bits: arguments.optionalInteger("bits"),
        mode: arguments.mode("mode", default: .affine),
        globalScale: arguments.optionalTensor("global_scale")),
      lhsIndices: arguments.optionalTensor("lhs_indices"),
      rhsIndices: arguments.optionalTensor("rhs_indices"),
      transpose: arguments.flag("transpose", default: true),
      sortedIndices: arguments.flag("sorted_indices", default: false))
    return [VectorOutput("out", result)]
  case "qqmm":
    let result = try quantizedQuantizedMM(
      arguments.tensor("x"),
      try QuantizedTensor(
        packed: arguments.tensor("w"),
        scales: arguments.tensor("scales"),
        biases: nil,
        groupSize: arguments.optionalInteger("group_size"),
        bits: arguments.optionalInteger("bits"),
        mode: arguments.mode("mode", default: .nvfp4),
        globalScale: arguments.optionalTensor("global_scale_w")),
      globalScaleX: arguments.optionalTensor("global_scale_x"))
    return [VectorOutput("out", result)]
  case "qqaddmm":
    let result = try quantizedQuantizedAddMM(
      arguments.tensor("c"),
      arguments.tensor("x"),
      try QuantizedTensor(
        packed: arguments.tensor("w"),
        scales: arguments.tensor("scales"),
        biases: nil,
        groupSize: arguments.optionalInteger("group_size"),
        bits: arguments.optionalInteger("bits"),
        mode: arguments.mode("mode", default: .nvfp4),
        globalScale: arguments.optionalTensor("global_scale_w")),
      globalScaleX: arguments.optionalTensor("global_scale_x"),
      alpha: arguments.number("alpha", default: 1.0),
      beta: arguments.number("beta", default: 1.0))
    return [VectorOutput("out", result)]
  case "gather_qqmm":
    let result = try gatherQuantizedQuantizedMM(
      arguments.tensor("x"),
      try QuantizedTensor(
        packed: arguments.tensor("w"),
        scales: arguments.tensor("scales"),
        biases: nil,
        groupSize: arguments.optionalInteger("group_size"),
        bits: arguments.optionalInteger("bits"),
        mode: arguments.mode("mode", default: .nvfp4),
        globalScale: arguments.optionalTensor("global_scale_w")),
      lhsIndices: arguments.optionalTensor("lhs_indices"),
      rhsIndices: arguments.optionalTensor("rhs_indices"),
      globalScaleX: arguments.optionalTensor("global_scale_x"),
      sortedIndices: arguments.flag("sorted_indices", default: false))
    return [VectorOutput("out", result)]
  default:
    return nil
  }
}
