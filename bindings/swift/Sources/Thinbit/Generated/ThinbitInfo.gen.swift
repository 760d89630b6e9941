// generated from codegen/schema/thinbit.yaml: do not edit
internal import CThinbit

/// What this build of thinbit uses on this machine, and why: which library, which instruction sets,
/// how many threads.
public struct ThinbitInfo: Hashable, Sendable, CustomStringConvertible {
  /// The version of the library.
  public let version: String
  /// The version of the C ABI.
  public let abiVersion: Int
  /// The sha256 of the schema that the library was generated from, in hexadecimal.
  public let schemaHash: String
  /// Where calls run that name no device.
  public let backend: String
  /// The level of instruction sets that the CPU's kernels use; empty where THINBIT_CPU cannot be
  /// honoured.
  public let cpuLevel: String
  /// Why it is this one: THINBIT_CPU, or the best this machine runs; what is wrong with THINBIT_CPU
  /// where it cannot be honoured.
  public let cpuLevelReason: String
  /// The levels that this machine can run, from the plainest to the best.
  public let cpuLevels: [String]
  /// The other levels of this build, each with what the processor or the operating system lacks.
  public let cpuLevelsMissing: [String]
  /// The instruction sets that the level in use takes on top of its own where it finds them, as
  /// here.
  public let cpuExtensions: [String]
  /// The threads of a context that asks for no number; 0 where THINBIT_NUM_THREADS cannot be
  /// honoured.
  public let numThreads: Int
  /// Where that number comes from; what is wrong with THINBIT_NUM_THREADS where it cannot be
  /// honoured.
  public let numThreadsReason: String

  /// One field in a line.
  public var description: String {
    """
    version: \(version)
    abi_version: \(abiVersion)
    schema_hash: \(schemaHash)
    backend: \(backend)
    cpu_level: \(cpuLevel)
    cpu_level_reason: \(cpuLevelReason)
    cpu_levels: \(cpuLevels.joined(separator: ", "))
    cpu_levels_missing: \(cpuLevelsMissing.joined(separator: ", "))
    cpu_extensions: \(cpuExtensions.joined(separator: ", "))
    num_threads: \(numThreads)
    num_threads_reason: \(numThreadsReason)
    """
  }

  init(_ native: thinbit_info) {
    unsafe self.version = text(native.version)
    unsafe self.abiVersion = Int(native.abi_version)
    unsafe self.schemaHash = text(native.schema_hash)
    unsafe self.backend = text(native.backend)
    unsafe self.cpuLevel = text(native.cpu_level)
    unsafe self.cpuLevelReason = text(native.cpu_level_reason)
    unsafe self.cpuLevels = texts(native.cpu_levels)
    unsafe self.cpuLevelsMissing = texts(native.cpu_levels_missing)
    unsafe self.cpuExtensions = texts(native.cpu_extensions)
    unsafe self.numThreads = Int(native.num_threads)
    unsafe self.numThreadsReason = text(native.num_threads_reason)
  }
}
