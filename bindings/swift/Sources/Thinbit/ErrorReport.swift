internal import CThinbit

/// The one place where a status of C becomes an error of Swift.
func check(
  _ call: (UnsafeMutablePointer<thinbit_error>) -> thinbit_status
) throws(ThinbitError) {
  var report = thinbit_error()
  report.struct_size = UInt64(MemoryLayout<thinbit_error>.size)
  let status = unsafe call(&report)
  guard status != 0 else { return }
  throw ThinbitError(status, report)
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
