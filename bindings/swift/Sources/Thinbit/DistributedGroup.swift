internal import CThinbit

/// The processes of a job that a launcher (`mpiexec`) started, or one process alone.
///
/// Every process of the job makes the group, and every one of them has to make each of its calls, in
/// the same order. Outside a launcher the group is the process alone, so that a program needs no
/// second form.
///
/// With glibc a process that exits with status 0 waits for the others to get that far, as ``free()``
/// does; elsewhere it has to call that. One that fails must not wait: it exits with another status,
/// and the launcher ends the others. So a group is not freed when nobody holds it any more.
@safe public final class DistributedGroup: @unchecked Sendable, CustomStringConvertible {
  // nil once it was freed; `lock` sees to it that it is not while a call uses it.
  private var handle: OpaquePointer?
  private let lock = Lock()
  /// The number of this process, from 0.
  public let rank: Int
  /// How many processes there are.
  public let size: Int

  /// Joins the group of all processes that the launcher started; each of them has to do this.
  ///
  /// - Parameter library: The path of the MPI library, which has the standard ABI
  ///   (`libmpi_abi.so.1`); `nil` takes `THINBIT_MPI_LIBRARY`, or that of the active Python
  ///   environment, or the system's.
  /// - Throws: ``ThinbitError`` of the op `comm_init`: `.unsupported` where a launcher started this
  ///   process, and the library cannot be opened, or is not the only MPI here; `.internal` where
  ///   MPI failed.
  public init(library: String? = nil) throws(ThinbitError) {
    let made = unsafe try DistributedGroup.join(library)
    unsafe handle = made
    unsafe rank = Int(thinbit_comm_rank(made))
    unsafe size = Int(thinbit_comm_size(made))
  }

  private static func join(_ library: String?) throws(ThinbitError) -> OpaquePointer? {
    var options = unsafe thinbit_comm_options()
    unsafe options.struct_size = UInt64(MemoryLayout<thinbit_comm_options>.size)
    var made: OpaquePointer?
    try unsafe check { error in
      guard let library else { return unsafe thinbit_comm_init(&options, &made, error) }
      return unsafe library.withCString { path in
        unsafe options.library = path
        return unsafe thinbit_comm_init(&options, &made, error)
      }
    }
    return unsafe made
  }

  /// The group of all processes of the job, the same at every call.
  ///
  /// - Throws: ``ThinbitError`` as ``init(library:)``.
  public static func world() throws(ThinbitError) -> DistributedGroup {
    try World.shared.group()
  }

  /// The sum over all ranks, the same bytes on each.
  ///
  /// - Parameter x: float32, float16 or bfloat16, of one shape on all ranks. Elements of 16 bits are
  ///   added as float32, and rounded once.
  /// - Throws: ``ThinbitError`` of the op `comm_all_sum`: x has another dtype, the group was freed,
  ///   or MPI failed.
  public func allSum(_ x: Tensor) throws(ThinbitError) -> Tensor {
    try unsafe collective("comm_all_sum", x, x.shape, thinbit_comm_all_sum)
  }

  /// The tensors of all ranks, one after another along the first axis.
  ///
  /// - Parameter x: Of one dtype and shape, with an axis at least, on all ranks.
  /// - Throws: ``ThinbitError`` of the op `comm_all_gather`: x has no axis, the group was freed, or
  ///   MPI failed.
  public func allGather(_ x: Tensor) throws(ThinbitError) -> Tensor {
    let shape = x.shape.isEmpty ? [] : [size * x.shape[0]] + x.shape.dropFirst()
    return try unsafe collective("comm_all_gather", x, shape, thinbit_comm_all_gather)
  }

  /// Returns when all ranks have called it.
  public func barrier() throws(ThinbitError) {
    try unsafe run("comm_barrier") { comm, error in unsafe thinbit_comm_barrier(comm, error) }
  }

  /// Leaves the group, once all ranks do so; it cannot be used any more. With the last group of a
  /// process MPI ends, and cannot begin again.
  public func free() {
    lock.withLock {
      unsafe thinbit_comm_free(handle)
      unsafe handle = nil
    }
  }

  public var description: String { "DistributedGroup(rank: \(rank), size: \(size))" }

  private func run(
    _ op: String, _ call: (OpaquePointer, UnsafeMutablePointer<thinbit_error>) -> thinbit_status
  ) throws(ThinbitError) {
    try lock.withLock { () throws(ThinbitError) in
      guard let comm = unsafe handle else {
        throw ThinbitError(op, "comm", "required", "the group was freed")
      }
      try unsafe check { error in unsafe call(comm, error) }
    }
  }

  private func collective(
    _ op: String, _ x: Tensor, _ shape: [Int],
    _ function: (
      OpaquePointer?, UnsafePointer<thinbit_tensor>?, UnsafeMutablePointer<thinbit_tensor>?,
      UnsafeMutablePointer<thinbit_error>?
    ) -> thinbit_status
  ) throws(ThinbitError) -> Tensor {
    let given = try x.rowMajor()
    let out = try unsafe Tensor(x.dtype, shape: shape) { _ in }
    defer { withExtendedLifetime((given, out)) {} }
    try unsafe run(op) { comm, error in
      unsafe function(comm, given.descriptor, UnsafeMutablePointer(mutating: out.descriptor), error)
    }
    return out
  }
}

/// The one group that ``DistributedGroup/world()`` gives.
private final class World: @unchecked Sendable {
  static let shared = World()

  private let lock = Lock()
  private var made: DistributedGroup?

  func group() throws(ThinbitError) -> DistributedGroup {
    try lock.withLock { () throws(ThinbitError) in
      if let made { return made }
      let group = try DistributedGroup()
      made = group
      return group
    }
  }
}
