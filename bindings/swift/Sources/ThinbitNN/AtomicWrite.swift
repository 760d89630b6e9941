import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A name beside a file or folder that is not taken, for what will be put in its place.
func temporaryPath(beside path: String) -> String {
  let url = URL(fileURLWithPath: path)
  let name = ".\(url.lastPathComponent.prefix(64)).\(UUID().uuidString.prefix(13)).partial"
  return url.deletingLastPathComponent().appendingPathComponent(name).path
}

/// Puts a file, or a folder, in the place of what is there. A folder that is there is moved away
/// first, and back where the new one cannot take its place.
func publish(_ temporary: String, _ path: String) throws {
  guard isFolder(path) else { return try move(temporary, path) }
  let replaced = temporaryPath(beside: path)
  try move(path, replaced)
  do {
    try move(temporary, path)
  } catch {
    try move(replaced, path)
    throw error
  }
  try FileManager.default.removeItem(atPath: replaced)
}

private func move(_ source: String, _ target: String) throws {
  guard unsafe rename(source, target) == 0 else {
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) }
    throw SafetensorsError(.unwritable, target, reason ?? "it cannot be written")
  }
}
