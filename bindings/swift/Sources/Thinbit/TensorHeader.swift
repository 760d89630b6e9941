internal import CThinbit

/// The C struct that describes a tensor, with room for its shape, and where `strided` for its
/// strides, behind it in the same memory, which the caller deallocates. The sizes and strides are
/// not initialized.
func makeDescriptor(
  _ dtype: DType, rank: Int, strided: Bool, base: UnsafeMutableRawPointer, byteOffset: Int
) -> UnsafeMutablePointer<thinbit_tensor> {
  let size = unsafe MemoryLayout<thinbit_tensor>.stride
  let room = unsafe UnsafeMutableRawPointer.allocate(
    byteCount: size + (strided ? 2 : 1) * rank * MemoryLayout<Int64>.stride,
    alignment: MemoryLayout<thinbit_tensor>.alignment)
  let axes = unsafe (room + size).bindMemory(to: Int64.self, capacity: (strided ? 2 : 1) * rank)
  let tensor = unsafe room.bindMemory(to: thinbit_tensor.self, capacity: 1)
  unsafe tensor.initialize(
    to: thinbit_tensor(
      data: base,
      device: thinbit_device(device_type: Backend.cpu.dlpackDevice, device_id: 0),
      ndim: Int32(clamping: rank),
      dtype: thinbit_dlpack_type(code: dtype.dlpackCode, bits: UInt8(8 * dtype.size), lanes: 1),
      shape: axes,
      strides: strided ? axes + rank : nil,
      byte_offset: UInt64(byteOffset)))
  return unsafe tensor
}

/// The descriptor of a layout in memory.
func makeDescriptor(
  of layout: TensorLayout, base: UnsafeMutableRawPointer
) -> UnsafePointer<thinbit_tensor> {
  let tensor = unsafe makeDescriptor(
    layout.dtype, rank: layout.shape.count, strided: layout.givenStrides != nil, base: base,
    byteOffset: layout.byteOffset)
  for (axis, size) in layout.shape.enumerated() {
    unsafe tensor.pointee.shape?[axis] = Int64(size)
  }
  for (axis, stride) in (layout.givenStrides ?? []).enumerated() {
    unsafe tensor.pointee.strides?[axis] = Int64(stride)
  }
  return unsafe UnsafePointer(tensor)
}

extension TensorLayout {
  /// What a descriptor that was made above says.
  init(_ tensor: thinbit_tensor, dtype: DType, count: Int) {
    let rank = unsafe Int(tensor.ndim)
    unsafe self.init(
      dtype: dtype, shape: integers(tensor.shape, rank) ?? [],
      strides: integers(tensor.strides, rank), byteOffset: Int(tensor.byte_offset), count: count)
  }
}

/// `count` integers of C; nil where there are none.
private func integers(_ values: UnsafePointer<Int64>?, _ count: Int) -> [Int]? {
  guard let values = unsafe values else { return nil }
  return unsafe UnsafeBufferPointer(start: values, count: count).map { Int($0) }
}
