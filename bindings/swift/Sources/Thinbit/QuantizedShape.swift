internal import CThinbit

extension QuantizedTensorRecord {
  /// The shape of the tensor that the record stands for: what `dequantize` would give. The library
  /// checks the parts on the way; its errors are those of `quantized_tensor`.
  func shape() throws(ThinbitError) -> [Int] {
    defer { withExtendedLifetime(self) {} }
    var params = unsafe thinbit_dequantize_params(
      struct_size: UInt64(MemoryLayout<thinbit_dequantize_params>.size),
      w: pointer, dtype: 0, reserved: 0, out: nil)
    var info = thinbit_tensor_info()
    do throws(ThinbitError) {
      try unsafe check { error in unsafe thinbit_dequantize_infer(&params, &info, error) }
    } catch {
      throw error.renamed("quantized_tensor")
    }
    return info.sizes
  }
}

extension thinbit_tensor_info {
  /// Calls `body` with each axis and its size.
  func forEachSize(_ body: (Int, Int) -> Void) {
    unsafe withUnsafeBytes(of: shape) { bytes in
      let sizes = unsafe bytes.bindMemory(to: Int64.self)
      for axis in 0..<Int(ndim) { unsafe body(axis, Int(sizes[axis])) }
    }
  }

  /// The sizes of the axes.
  var sizes: [Int] {
    var sizes: [Int] = []
    forEachSize { _, size in sizes.append(size) }
    return sizes
  }
}
