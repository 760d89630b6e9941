internal import CThinbit

/// The C struct that describes a tensor, with its shape and strides behind it in the same memory,
/// which the caller deallocates.
func makeDescriptor(
  of layout: TensorLayout, base: UnsafeMutableRawPointer
) -> UnsafePointer<thinbit_tensor> {
  let rank = layout.shape.count
  let size = unsafe MemoryLayout<thinbit_tensor>.stride
  let room = unsafe UnsafeMutableRawPointer.allocate(
    byteCount: size + 2 * rank * MemoryLayout<Int64>.stride,
    alignment: MemoryLayout<thinbit_tensor>.alignment)
  let axes = unsafe (room + size).bindMemory(to: Int64.self, capacity: 2 * rank)
  for axis in 0..<rank {
    unsafe (axes + axis).initialize(to: Int64(layout.shape[axis]))
  }
  var strides: UnsafeMutablePointer<Int64>?  // nil is row-major
  if let given = layout.givenStrides {
    unsafe strides = axes + rank
    for axis in 0..<rank { unsafe (axes + rank + axis).initialize(to: Int64(given[axis])) }
  }
  let tensor = unsafe room.bindMemory(to: thinbit_tensor.self, capacity: 1)
  unsafe tensor.initialize(
    to: thinbit_tensor(
      data: base,
      device: thinbit_device(device_type: Backend.cpu.dlpackDevice, device_id: 0),
      ndim: Int32(clamping: rank),
      dtype: thinbit_dlpack_type(
        code: layout.dtype.dlpackCode, bits: UInt8(8 * layout.dtype.size), lanes: 1),
      shape: axes,
      strides: strides,
      byte_offset: UInt64(layout.byteOffset)))
  return unsafe UnsafePointer(tensor)
}
