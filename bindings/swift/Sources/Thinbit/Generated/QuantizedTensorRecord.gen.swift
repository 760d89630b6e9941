// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// Owns the C struct of a `quantized_tensor`, and keeps the tensors alive that it points to. It is never
/// changed once it is made.
@safe final class QuantizedTensorRecord: @unchecked Sendable {
  let pointer: UnsafePointer<thinbit_quantized_tensor>
  private let packed: Tensor
  private let scales: Tensor?
  private let biases: Tensor?
  private let globalScale: Tensor?

  init(
    packed: Tensor,
    scales: Tensor?,
    biases: Tensor?,
    globalScale: Tensor?,
    mode: QuantizationMode,
    groupSize: Int32,
    bits: Int32
  ) {
    let pointer = unsafe zeroed(thinbit_quantized_tensor.self)
    unsafe pointer.pointee.struct_size = UInt64(MemoryLayout<thinbit_quantized_tensor>.size)
    unsafe pointer.pointee.packed = packed.descriptor
    if let scales { unsafe pointer.pointee.scales = scales.descriptor }
    if let biases { unsafe pointer.pointee.biases = biases.descriptor }
    if let globalScale { unsafe pointer.pointee.global_scale = globalScale.descriptor }
    unsafe pointer.pointee.mode = mode.code
    unsafe pointer.pointee.group_size = groupSize
    unsafe pointer.pointee.bits = bits
    unsafe self.pointer = UnsafePointer(pointer)
    self.packed = packed
    self.scales = scales
    self.biases = biases
    self.globalScale = globalScale
  }

  deinit { unsafe pointer.deallocate() }
}
