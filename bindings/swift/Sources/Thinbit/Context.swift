internal import CThinbit

/// Device, threads and scratch memory of a sequence of calls.
///
/// Calls without a context take one from a hidden pool, so most programs never make one. Make one
/// to choose the backend or the number of threads. Calls that share a context wait for one another;
/// calls in different contexts run in parallel.
@safe public final class Context: @unchecked Sendable {
  // One thread at a time may use the handle: `lock` sees to it.
  private let handle: OpaquePointer
  private let lock = Lock()

  /// Makes a context.
  ///
  /// - Parameters:
  ///   - backend: Where calls run.
  ///   - deviceIndex: Which device of the backend, from 0; the CPU has only 0.
  ///   - threads: How many threads work on a call, the caller included; `nil` takes the
  ///     environment's `THINBIT_NUM_THREADS`, or as many as the process may use. Results do not
  ///     depend on it.
  /// - Throws: ``ThinbitError`` of the op `context_create`: `.invalidArgument` for numbers out of
  ///   range, `.unsupported` where the backend is not there.
  public init(
    backend: Backend = .cpu, deviceIndex: Int = 0, threads: Int? = nil
  ) throws(ThinbitError) {
    if threads == 0 {
      throw ThinbitError(
        "context_create", "num_threads", "range",
        "num_threads is 0, and must be at least 1, or nil for the default")
    }
    var options = unsafe thinbit_context_options()
    unsafe options.struct_size = UInt64(MemoryLayout<thinbit_context_options>.size)
    unsafe options.backend = backend.code
    unsafe options.device_id = try integer(deviceIndex, of: "context_create", "device_id")
    unsafe options.num_threads = try integer(threads ?? 0, of: "context_create", "num_threads")
    var made: OpaquePointer?
    try unsafe check { error in unsafe thinbit_context_create(&options, &made, error) }
    guard let made = unsafe made else {
      throw ThinbitError(defectIn: "context_create", "no context was made")
    }
    unsafe handle = made
  }

  deinit { unsafe thinbit_context_destroy(handle) }

  /// Waits for all work of this context; the error of asynchronous work comes out here. The CPU's
  /// calls have done their work when they return.
  public func synchronize() throws(ThinbitError) {
    try unsafe run { handle, error in unsafe thinbit_context_sync(handle, error) }
  }

  func run(
    _ call: (OpaquePointer, UnsafeMutablePointer<thinbit_error>) -> thinbit_status
  ) throws(ThinbitError) {
    try lock.withLock { () throws(ThinbitError) in
      try unsafe check { error in unsafe call(handle, error) }
    }
  }

  /// `run` where nobody else has this context.
  func runAlone(
    _ call: (OpaquePointer, UnsafeMutablePointer<thinbit_error>) -> thinbit_status
  ) throws(ThinbitError) {
    try unsafe check { error in unsafe call(handle, error) }
  }
}

/// Contexts of the CPU for calls that name none: one for each call that runs at the same time.
final class ContextPool: Sendable {
  static let shared = ContextPool()

  /// More idle contexts than this are not worth their memory and threads.
  private static let mostIdle = 4

  private let idle = Idle()

  // Only touched under its lock, so that a check of exclusivity would find nothing.
  private final class Idle: @unchecked Sendable {
    let lock = Lock()
    @exclusivity(unchecked) var contexts: [Context] = []
  }

  func take() throws(ThinbitError) -> Context {
    if let context = idle.lock.withLock({ unsafe idle.contexts.popLast() }) { return context }
    return try Context()
  }

  func giveBack(_ context: Context) {
    idle.lock.withLock {
      if unsafe idle.contexts.count < ContextPool.mostIdle {
        unsafe idle.contexts.append(context)
      }
    }
  }
}
