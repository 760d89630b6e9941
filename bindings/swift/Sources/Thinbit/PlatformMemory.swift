#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Memory of a tensor: aligned memory that is freed with its owner, or somebody else's that is only
/// read. Unlike Swift's own allocation it reports that there is no memory instead of ending the
/// process.
@safe final class AlignedMemory: @unchecked Sendable {
  /// A cache line, and the widest vector register.
  static let alignment = 64

  let base: UnsafeMutableRawPointer
  let byteCount: Int
  private let allocated: UnsafeMutableRawPointer?
  private let owner: AnyObject?

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
    owner = nil
  }

  /// Memory that is valid and constant as long as `owner` lives.
  init(borrowing memory: UnsafeRawBufferPointer, of owner: AnyObject) {
    unsafe allocated = nil
    // Nothing writes to the memory of a tensor that was not made as a result.
    unsafe base = UnsafeMutableRawPointer(mutating: memory.baseAddress ?? AlignedMemory.nowhere)
    byteCount = memory.count
    self.owner = owner
  }

  private static var nowhere: UnsafeRawPointer {
    unsafe UnsafeRawPointer(bitPattern: alignment).unsafelyUnwrapped
  }

  deinit { unsafe free(allocated) }

  var bytes: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: base, count: byteCount)
  }
}
