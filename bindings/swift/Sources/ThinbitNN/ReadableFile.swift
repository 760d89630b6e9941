import Thinbit

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that is open for reading at any position, by any number of threads. A file that somebody
/// cuts off while it is read is an error; where it is mapped, it is the end of the process.
final class ReadableFile: Sendable {
  let path: String
  /// Bytes, when the file was opened.
  let byteCount: Int
  private let descriptor: Int32

  init(path: String) throws(SafetensorsError) {
    // Without O_NONBLOCK a pipe of that name would be waited for.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw SafetensorsError(.unreadable, path, ReadableFile.reason())
    }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw SafetensorsError(
        .unreadable, path, isFolder ? FileText.isFolder() : FileText.notRegular())
    }
    self.path = path
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `target` from `position` on.
  func read(into target: UnsafeMutableRawBufferPointer, at position: Int) throws(SafetensorsError) {
    var done = 0
    while done < target.count {
      guard let base = target.baseAddress else { return }
      // Some systems refuse to read more than 2 GiB at once.
      let size = min(target.count - done, 1 << 30)
      let count = unsafe pread(descriptor, base + done, size, off_t(position + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SafetensorsError(.unreadable, path, ReadableFile.reason()) }
      guard count > 0 else {
        throw SafetensorsError(.unreadable, path, FileText.changed())
      }
      done += count
    }
  }

  /// The bytes of a range.
  func bytes(_ range: Range<Int>) throws(SafetensorsError) -> [UInt8] {
    var failure: SafetensorsError?
    var bytes = [UInt8](repeating: 0, count: range.count)
    unsafe bytes.withUnsafeMutableBytes { target in
      do throws(SafetensorsError) {
        try unsafe read(into: target, at: range.lowerBound)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The whole file in memory, read where it is used.
  func map() throws(SafetensorsError) -> MappedBytes {
    guard byteCount > 0 else {
      return unsafe MappedBytes(UnsafeRawBufferPointer(start: nil, count: 0))
    }
    let base = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard unsafe base != MAP_FAILED else {
      throw SafetensorsError(.unreadable, path, ReadableFile.reason())
    }
    return unsafe MappedBytes(UnsafeRawBufferPointer(start: base, count: byteCount))
  }

  private static func reason() -> String {
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "the file cannot be read"
  }
}

/// Whether there is a regular file, or a link to one.
func isRegularFile(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// A mapping of a file, until its last user is gone.
@safe final class MappedBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = unsafe bytes
  }

  deinit {
    if let base = unsafe bytes.baseAddress {
      unsafe munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }
  }
}
