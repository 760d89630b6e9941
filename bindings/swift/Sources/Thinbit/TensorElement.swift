/// A Swift type that is the element of a tensor.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The dtype of tensors with such elements.
  static var dtype: DType { get }
}

extension Float: TensorElement {
  public static var dtype: DType { .float32 }
}

extension BFloat16: TensorElement {
  public static var dtype: DType { .bfloat16 }
}

extension UInt8: TensorElement {
  public static var dtype: DType { .uint8 }
}

extension UInt32: TensorElement {
  public static var dtype: DType { .uint32 }
}

extension Int32: TensorElement {
  public static var dtype: DType { .int32 }
}

extension Int64: TensorElement {
  public static var dtype: DType { .int64 }
}

#if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
  extension Float16: TensorElement {
    public static var dtype: DType { .float16 }
  }
#endif
