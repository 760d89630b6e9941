internal import CThinbit

extension ThinbitInfo {
  /// What is used now, in this process. It makes no context: what is wrong with `THINBIT_CPU` or
  /// `THINBIT_NUM_THREADS` stands in the reasons.
  ///
  /// - Throws: ``ThinbitError`` where there is not enough memory.
  public static func current() throws(ThinbitError) -> ThinbitInfo {
    var info = unsafe thinbit_info()
    unsafe info.struct_size = UInt64(MemoryLayout<thinbit_info>.size)
    try unsafe check { error in unsafe thinbit_get_info(&info, error) }
    return unsafe ThinbitInfo(info)
  }
}

/// A text of C.
func text(_ characters: UnsafePointer<CChar>?) -> String {
  guard let characters = unsafe characters else { return "" }
  return unsafe String(cString: characters)
}

/// A list of texts of C that ends with NULL.
func texts(_ list: UnsafePointer<UnsafePointer<CChar>?>?) -> [String] {
  guard let list = unsafe list else { return [] }
  var found: [String] = []
  while let entry = unsafe list[found.count] { unsafe found.append(text(entry)) }
  return found
}
