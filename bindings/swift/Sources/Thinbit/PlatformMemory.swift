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
  private let allocated: UnsafeMutableRawPointer

  /// Memory with undefined content.
  init(byteCount: Int) throws(ThinbitError) {
    // Aligned here: posix_memalign takes several times as long as malloc.
    let (size, overflows) = byteCount.addingReportingOverflow(AlignedMemory.alignment)
    guard !overflows, let memory = unsafe malloc(size) else {
      throw ThinbitError(outOfMemoryIn: "tensor", byteCount: byteCount)
    }
    unsafe allocated = memory
    unsafe base = memory.alignedUp(toMultipleOf: AlignedMemory.alignment)
    self.byteCount = byteCount
  }

  deinit { unsafe free(allocated) }

  var bytes: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: base, count: byteCount)
  }
}
