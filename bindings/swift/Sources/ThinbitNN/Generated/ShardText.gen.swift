// generated from codegen/schema/thinbit.yaml: do not edit

/// What is wrong with cutting a layer: the same words in every language.
enum ShardText {
  static func moduleType(type: some CustomStringConvertible, choices: some CustomStringConvertible) -> String {
    "module is \(type), and only \(choices) can be sharded"
  }
  static func segmentsRange(segments: some CustomStringConvertible) -> String {
    "segments is \(segments), and must be a positive integer"
  }
  static func segment(segments: some CustomStringConvertible, field: some CustomStringConvertible) -> String {
    "each of the \(segments) segments of \(field)"
  }
  static func rows() -> String {
    "rows"
  }
  static func columns() -> String {
    "columns"
  }
  static func groups(groupSize: some CustomStringConvertible) -> String {
    "groups of \(groupSize) columns"
  }
  static func segmentsDivide(field: some CustomStringConvertible, count: some CustomStringConvertible, unit: some CustomStringConvertible, segments: some CustomStringConvertible) -> String {
    "\(field) has \(count) \(unit), which \(segments) segments do not divide"
  }
  static func ranksDivide(what: some CustomStringConvertible, count: some CustomStringConvertible, unit: some CustomStringConvertible, ranks: some CustomStringConvertible, fitting: some CustomStringConvertible) -> String {
    "\(what) has \(count) \(unit), which \(ranks) ranks do not divide; \(fitting) ranks do"
  }
  static func groupSizesFit(problem: some CustomStringConvertible, groupSizes: some CustomStringConvertible, ranks: some CustomStringConvertible) -> String {
    "\(problem), and with \(groupSizes) columns in a group \(ranks) ranks do"
  }
}
