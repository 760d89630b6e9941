internal import CThinbit

/// An immutable array of numbers with a shape: what the ops take and give.
///
/// A tensor owns its memory, 64-byte aligned, and is never changed once it is made, so it may be
/// shared between tasks. `transposed()` and the `strides` of
/// ``init(bytes:dtype:shape:strides:byteOffset:)-([UInt8],_,_,_,_)`` make views: the ops read them
/// as they are, without a copy.
@safe public final class Tensor: @unchecked Sendable, CustomStringConvertible {
  private let memory: AlignedMemory
  /// The type of the elements.
  public let dtype: DType
  /// The number of elements.
  public let count: Int
  // C is given it as an input, which it does not change, or, before anybody else sees the tensor,
  // as an output.
  let descriptor: UnsafePointer<thinbit_tensor>

  private init(_ memory: AlignedMemory, _ layout: TensorLayout) {
    self.memory = memory
    dtype = layout.dtype
    count = layout.count
    unsafe descriptor = makeDescriptor(of: layout, base: memory.base)
  }

  /// Memory for a result of an op, with undefined content, as the library wants it.
  init(_ info: thinbit_tensor_info) throws(ThinbitError) {
    guard let dtype = Tensor.dtypes.first(where: { $0.code == info.dtype }) else {
      throw ThinbitError(defectIn: "tensor", "a result has the unknown dtype \(info.dtype)")
    }
    var count = 1  // the library has seen to it that this does not overflow
    info.forEachSize { _, size in count *= size }
    memory = try AlignedMemory(byteCount: count * dtype.size)
    let tensor = unsafe makeDescriptor(
      dtype, rank: Int(info.ndim), strided: false, base: memory.base, byteOffset: 0)
    info.forEachSize { axis, size in unsafe tensor.pointee.shape?[axis] = Int64(size) }
    self.dtype = dtype
    self.count = count
    unsafe descriptor = UnsafePointer(tensor)
  }

  deinit { unsafe descriptor.deallocate() }

  private static let dtypes = DType.allCases

  private var layout: TensorLayout {
    unsafe TensorLayout(descriptor.pointee, dtype: dtype, count: count)
  }

  /// A tensor whose elements `body` writes, one after the other, the last index fastest.
  ///
  /// - Parameters:
  ///   - dtype: The type of the elements.
  ///   - shape: The sizes of the axes; empty for one element without axes.
  ///   - body: Gets the uninitialized memory, and writes all of it.
  /// - Throws: ``ThinbitError`` of the op `tensor` for a negative or overflowing shape, or
  ///   `.outOfMemory`.
  public convenience init(
    _ dtype: DType, shape: [Int], initializingWith body: (UnsafeMutableRawBufferPointer) -> Void
  ) throws(ThinbitError) {
    let layout = try TensorLayout(rowMajor: shape, dtype)
    let memory = try AlignedMemory(byteCount: layout.byteCount)
    unsafe body(memory.bytes)
    self.init(memory, layout)
  }

  /// A tensor of these values, one after the other, the last index fastest.
  ///
  /// - Parameters:
  ///   - values: As many as the shape has elements.
  ///   - shape: The sizes of the axes; empty for one element without axes.
  /// - Throws: ``ThinbitError`` of the op `tensor`: the rule `tensor.values.shape` where the
  ///   numbers differ, `tensor.shape.layout` for a negative or overflowing shape; `.outOfMemory`.
  public convenience init<Element: TensorElement>(
    _ values: [Element], shape: [Int]
  ) throws(ThinbitError) {
    let (memory, layout) = try Tensor.room(for: values.count, Element.dtype, shape: shape)
    unsafe values.withUnsafeBytes { source in unsafe memory.bytes.copyMemory(from: source) }
    self.init(memory, layout)
  }

  /// A tensor of these values; also for literals, which are `Float` here.
  public convenience init(_ values: [Float], shape: [Int]) throws(ThinbitError) {
    let (memory, layout) = try Tensor.room(for: values.count, .float32, shape: shape)
    unsafe values.withUnsafeBytes { source in unsafe memory.bytes.copyMemory(from: source) }
    self.init(memory, layout)
  }

  /// A tensor of a copy of these values, as of an array.
  public convenience init<Element: TensorElement>(
    _ values: Span<Element>, shape: [Int]
  ) throws(ThinbitError) {
    let (memory, layout) = try Tensor.room(for: values.count, Element.dtype, shape: shape)
    unsafe values.withUnsafeBytes { source in unsafe memory.bytes.copyMemory(from: source) }
    self.init(memory, layout)
  }

  /// A tensor in a copy of these bytes, which hold elements of `dtype` in the machine's byte order.
  ///
  /// - Parameters:
  ///   - bytes: The memory of all elements. Without strides and byte offset exactly theirs.
  ///   - dtype: The type of the elements.
  ///   - shape: The sizes of the axes.
  ///   - strides: Elements from one index to the next for each axis, possibly 0 or negative; `nil`
  ///     is row-major.
  ///   - byteOffset: Bytes before the element at index 0.
  /// - Throws: ``ThinbitError`` of the op `tensor`, the rule `tensor.bytes.layout`, where an
  ///   element would lie outside; `tensor.shape.layout`, `tensor.strides.layout`; `.outOfMemory`.
  public convenience init(
    bytes: [UInt8], dtype: DType, shape: [Int], strides: [Int]? = nil, byteOffset: Int = 0
  ) throws(ThinbitError) {
    let (memory, layout) = try Tensor.room(
      forBytes: bytes.count, dtype, shape: shape, strides: strides, byteOffset: byteOffset)
    unsafe bytes.withUnsafeBytes { source in unsafe memory.bytes.copyMemory(from: source) }
    self.init(memory, layout)
  }

  /// A tensor in a copy of these bytes, as of an array.
  public convenience init(
    bytes: RawSpan, dtype: DType, shape: [Int], strides: [Int]? = nil, byteOffset: Int = 0
  ) throws(ThinbitError) {
    let (memory, layout) = try Tensor.room(
      forBytes: bytes.byteCount, dtype, shape: shape, strides: strides, byteOffset: byteOffset)
    unsafe bytes.withUnsafeBytes { source in unsafe memory.bytes.copyMemory(from: source) }
    self.init(memory, layout)
  }

  /// A tensor in memory that is somebody else's, row-major and aligned for the dtype; no copy.
  ///
  /// - Parameters:
  ///   - memory: Exactly the bytes of all elements, valid and constant as long as `owner` lives.
  ///   - dtype: The type of the elements.
  ///   - shape: The sizes of the axes.
  ///   - owner: Whom the tensor keeps alive.
  /// - Throws: ``ThinbitError`` of the op `tensor`, the rule `tensor.bytes.layout`, where the bytes
  ///   are not those of the shape; `tensor.shape.layout`.
  package convenience init(
    borrowing memory: UnsafeRawBufferPointer, dtype: DType, shape: [Int], of owner: AnyObject
  ) throws(ThinbitError) {
    let layout = try TensorLayout(
      shape, dtype, strides: nil, byteOffset: 0, available: memory.count)
    guard memory.count == layout.byteCount else {
      throw ThinbitError(
        "tensor", "bytes", "layout",
        "\(memory.count) bytes were given for the \(layout.byteCount) bytes of a "
          + "\(dtype.rawValue) tensor of shape \(shape)")
    }
    unsafe self.init(AlignedMemory(borrowing: memory, of: owner), layout)
  }

  /// Memory for as many values as the shape must have elements.
  private static func room(
    for count: Int, _ dtype: DType, shape: [Int]
  ) throws(ThinbitError) -> (AlignedMemory, TensorLayout) {
    let layout = try TensorLayout(rowMajor: shape, dtype)
    guard count == layout.count else {
      throw ThinbitError(
        "tensor", "values", "shape",
        "\(count) values were given for the \(layout.count) elements of \(shape)")
    }
    return (try AlignedMemory(byteCount: layout.byteCount), layout)
  }

  /// Memory for as many bytes as hold all elements.
  private static func room(
    forBytes byteCount: Int, _ dtype: DType, shape: [Int], strides: [Int]?, byteOffset: Int
  ) throws(ThinbitError) -> (AlignedMemory, TensorLayout) {
    let layout = try TensorLayout(
      shape, dtype, strides: strides, byteOffset: byteOffset, available: byteCount)
    guard strides != nil || byteOffset != 0 || byteCount == layout.byteCount else {
      throw ThinbitError(
        "tensor", "bytes", "layout",
        "\(byteCount) bytes were given for the \(layout.byteCount) bytes of a "
          + "\(dtype.rawValue) tensor of shape \(shape)")
    }
    return (try AlignedMemory(byteCount: byteCount), layout)
  }

  /// The sizes of the axes.
  public var shape: [Int] { layout.shape }

  /// Elements from one index to the next, for each axis.
  public var strides: [Int] { layout.strides }

  /// Bytes before the element at index 0 in the tensor's memory.
  public var byteOffset: Int { layout.byteOffset }

  /// The bytes of all elements: `count * dtype.size`, whatever the strides.
  public var nbytes: Int { count * dtype.size }

  /// The same elements with the last two axes exchanged: a view, no copy.
  ///
  /// - Throws: ``ThinbitError``, the rule `tensor.shape.rank`, with less than two axes.
  public func transposed() throws(ThinbitError) -> Tensor {
    Tensor(memory, try layout.transposed())
  }

  /// The same elements one after the other, the last index fastest; a copy only of other layouts.
  func rowMajor() throws(ThinbitError) -> Tensor {
    if layout.isRowMajor { return self }
    return try unsafe Tensor(dtype, shape: shape) { target in
      unsafe withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
  }

  /// Calls `body` with the elements, one after the other, the last index fastest. Other layouts are
  /// copied first. The pointer is valid only inside `body`.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    let layout = layout
    if layout.isRowMajor {
      let start = unsafe UnsafeRawPointer(memory.base) + layout.byteOffset
      return try unsafe body(UnsafeRawBufferPointer(start: start, count: layout.byteCount))
    }
    let gathered = UnsafeMutableRawBufferPointer.allocate(
      byteCount: layout.byteCount, alignment: AlignedMemory.alignment)
    defer { unsafe gathered.deallocate() }
    let size = dtype.size
    var filled = 0
    layout.forEachPosition { position in
      let element = unsafe UnsafeRawBufferPointer(start: memory.base + position, count: size)
      unsafe gathered[filled...].copyBytes(from: element)
      filled += size
    }
    return try unsafe body(UnsafeRawBufferPointer(gathered))
  }

  /// The elements, one after the other, the last index fastest.
  ///
  /// - Parameter type: The type of the tensor's dtype; or `Float` for float16 and bfloat16,
  ///   exactly.
  /// - Throws: ``ThinbitError``, the rule `tensor.as.dtype`, for any other type.
  public func array<Element: TensorElement>(
    as type: Element.Type
  ) throws(ThinbitError) -> [Element] {
    if Element.dtype == dtype { return elements() }
    if type == Float.self, dtype == .bfloat16 {
      return elements().map { (value: BFloat16) in Float(value) as! Element }
    }
    if type == Float.self, dtype == .float16 {
      return elements().map { (bits: UInt16) in Float(binary16: bits) as! Element }
    }
    throw ThinbitError(
      "tensor", "as", "dtype",
      "the elements are \(dtype.rawValue), which cannot be read as \(Element.dtype.rawValue)")
  }

  private func elements<Element: BitwiseCopyable>() -> [Element] {
    unsafe withUnsafeBytes { bytes in
      unsafe [Element](unsafeUninitializedCapacity: count) { target, filled in
        unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
        filled = count
      }
    }
  }

  public var description: String { "Tensor(\(dtype.rawValue), \(shape))" }
}

extension Tensor {
  /// Nil where the call has no such result.
  static func optional(_ info: thinbit_tensor_info) throws(ThinbitError) -> Tensor? {
    info.dtype == 0 ? nil : try Tensor(info)
  }
}
