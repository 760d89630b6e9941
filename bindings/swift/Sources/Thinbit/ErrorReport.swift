internal import CThinbit

/// The one place where a status of C becomes an error of Swift.
func check(
  _ call: (UnsafeMutablePointer<thinbit_error>) -> thinbit_status
) throws(ThinbitError) {
  // Not initialized: C writes it as far as anybody reads it.
  let failure = unsafe withUnsafeTemporaryAllocation(of: thinbit_error.self, capacity: 1) {
    (room) -> ThinbitError? in
    guard let report = room.baseAddress else { return nil }
    unsafe report.pointee.struct_size = UInt64(MemoryLayout<thinbit_error>.size)
    let status = unsafe call(report)
    return status == 0 ? nil : unsafe ThinbitError(status, report.pointee)
  }
  if let failure { throw failure }
}

extension ThinbitError {
  init(_ status: thinbit_status, _ report: thinbit_error) {
    let known = ThinbitStatus.allCases.first { $0.code == status }
    self.init(
      known ?? .internal,
      op: text(of: report.op),
      argument: text(of: report.argument),
      rule: text(of: report.rule),
      message: text(of: report.message))
  }
}

/// The text of a C array of characters, which Swift sees as a tuple.
private func text<Characters>(of characters: Characters) -> String {
  unsafe withUnsafeBytes(of: characters) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
