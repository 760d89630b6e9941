internal import CThinbit

/// Memory for one C struct, with every byte zero. The caller deallocates it.
func zeroed<Struct>(_ type: Struct.Type) -> UnsafeMutablePointer<Struct> {
  let bytes = UnsafeMutableRawPointer.allocate(
    byteCount: MemoryLayout<Struct>.size, alignment: MemoryLayout<Struct>.alignment)
  unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Struct>.size)
  return unsafe bytes.bindMemory(to: Struct.self, capacity: 1)
}

/// Runs a call in the given context, or in one from the pool.
func compute(
  in context: Context?,
  _ call: (OpaquePointer, UnsafeMutablePointer<thinbit_error>) -> thinbit_status
) throws(ThinbitError) {
  if let context { return try unsafe context.run(call) }
  let pooled = try ContextPool.shared.take()
  defer { ContextPool.shared.giveBack(pooled) }
  try unsafe pooled.runAlone(call)
}

/// The dtypes and shapes of a call's results, which C writes into `infos`: one
/// `thinbit_tensor_info`, or a tuple of them.
func infer<Infos: BitwiseCopyable>(
  _ infos: inout Infos,
  _ call: (
    UnsafeMutablePointer<thinbit_tensor_info>, UnsafeMutablePointer<thinbit_error>
  ) -> thinbit_status
) throws(ThinbitError) {
  try unsafe withUnsafeMutablePointer(to: &infos) { (pointer) throws(ThinbitError) in
    let first = unsafe UnsafeMutableRawPointer(pointer)
      .assumingMemoryBound(to: thinbit_tensor_info.self)
    try unsafe check { error in unsafe call(first, error) }
  }
}

/// An optional setting as C wants it: 0 stands for `nil` there, so that an explicit 0 is refused
/// here.
func setting(
  _ value: Int?, of op: String, _ argument: String, choices: @autoclosure () -> [Int]
) throws(ThinbitError) -> Int32 {
  guard let value else { return 0 }
  guard value != 0, let exact = Int32(exactly: value) else {
    throw ThinbitError(
      op, argument, "choice",
      "\(argument) is \(value), and must be \(listing(choices())), or nil for the default")
  }
  return exact
}

/// An integer as C wants it.
func integer(_ value: Int, of op: String, _ argument: String) throws(ThinbitError) -> Int32 {
  guard let exact = Int32(exactly: value) else {
    throw ThinbitError(
      op, argument, "range", "\(argument) is \(value), which does not fit a 32-bit integer")
  }
  return exact
}

/// A result that the mode always has.
func present(_ result: Tensor?, of op: String, _ name: String) throws(ThinbitError) -> Tensor {
  guard let result else { throw ThinbitError(defectIn: op, "the result \(name) is missing") }
  return result
}

/// `1, 2 or 3`.
func listing(_ values: [some CustomStringConvertible]) -> String {
  let words = values.map(\.description)
  guard words.count > 1, let last = words.last else { return words.first ?? "a legal value" }
  return "\(words.dropLast().joined(separator: ", ")) or \(last)"
}
