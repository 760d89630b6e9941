#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Aligned memory that is freed with its owner. Unlike Swift's own allocation it reports that there
/// is no memory instead of ending the process.
@safe final class AlignedMemory: @unchecked Sendable {
  /// A cache line, and the widest vector register.
  static let alignment = 64

  let base: UnsafeMutableRawPointer
  let byteCount: Int

  /// Memory with undefined content.
  init(byteCount: Int) throws(ThinbitError) {
    var memory: UnsafeMutableRawPointer?
    let failure = unsafe posix_memalign(&memory, AlignedMemory.alignment, max(byteCount, 1))
    guard failure == 0, let memory = unsafe memory else {
      throw ThinbitError(outOfMemoryIn: "tensor", byteCount: byteCount)
    }
    unsafe base = memory
    self.byteCount = byteCount
  }

  deinit { unsafe free(base) }

  var bytes: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: base, count: byteCount)
  }
}
