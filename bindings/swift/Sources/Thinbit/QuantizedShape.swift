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
  /// The sizes of the axes.
  var sizes: [Int] {
    unsafe withUnsafeBytes(of: shape) { bytes in
      let axes = unsafe bytes.bindMemory(to: Int64.self)
      var sizes = [Int](repeating: 0, count: Int(ndim))
      for axis in sizes.indices { unsafe sizes[axis] = Int(axes[axis]) }
      return sizes
    }
  }
}
