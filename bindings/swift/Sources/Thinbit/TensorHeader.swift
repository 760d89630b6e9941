internal import CThinbit

/// Owns the C struct that describes a tensor, with its shape and strides.
@safe final class TensorHeader {
  let pointer: UnsafePointer<thinbit_tensor>
  private let axes: UnsafeMutablePointer<Int64>

  init(_ layout: TensorLayout, base: UnsafeMutableRawPointer) {
    let rank = layout.shape.count
    unsafe axes = .allocate(capacity: 2 * rank + 1)
    for axis in 0..<rank {
      unsafe (axes + axis).initialize(to: Int64(layout.shape[axis]))
      unsafe (axes + rank + axis).initialize(to: Int64(layout.strides[axis]))
    }
    let tensor = UnsafeMutablePointer<thinbit_tensor>.allocate(capacity: 1)
    unsafe tensor.initialize(
      to: thinbit_tensor(
        data: base,
        device: thinbit_device(device_type: Backend.cpu.dlpackDevice, device_id: 0),
        ndim: Int32(clamping: rank),
        dtype: thinbit_dlpack_type(
          code: layout.dtype.dlpackCode, bits: UInt8(8 * layout.dtype.size), lanes: 1),
        shape: axes,
        strides: axes + rank,
        byte_offset: UInt64(layout.byteOffset)))
    unsafe pointer = UnsafePointer(tensor)
  }

  deinit {
    unsafe pointer.deallocate()
    unsafe axes.deallocate()
  }
}
