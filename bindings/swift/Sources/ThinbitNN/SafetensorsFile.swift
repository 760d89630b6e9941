public import Thinbit

/// A safetensors file, opened and checked; tensors are read when they are asked for.
///
/// The header is validated in full (sizes, offsets, overlaps, dtypes, repeated keys) before
/// anything it describes is allocated. Any number of tasks may read at the same time.
public final class SafetensorsFile: Sendable {
  /// Where the file is.
  public let path: String
  /// The file's own strings.
  public let metadata: [String: String]

  let header: SafetensorsHeader
  private let file: ReadableFile
  private let mapping: MappedBytes?

  /// Opens a file and checks its header.
  ///
  /// - Parameters:
  ///   - path: Where the file is.
  ///   - mapped: Whether tensors lie in the mapped file, so that nothing is copied and only what is
  ///     used is read. The file has to stay as it is as long as a tensor of it lives: one that is
  ///     cut off ends the process.
  /// - Throws: ``SafetensorsError``: `.unreadable` where the system would not read it, `.malformed`
  ///   where it is no safetensors file or one that lies about its data.
  public init(path: String, mapped: Bool = false) throws(SafetensorsError) {
    self.path = path
    file = try ReadableFile(path: path)
    header = try SafetensorsHeader(file)
    mapping = mapped ? try file.map() : nil
    metadata = header.metadata
  }

  /// The tensors' names, sorted.
  public var names: [String] { header.tensors.keys.sorted() }

  /// The shape of a tensor; nil where there is none of that name.
  public func shape(of name: String) -> [Int]? { header.tensors[name]?.shape }

  /// One tensor.
  ///
  /// - Parameter name: One of ``names``.
  /// - Throws: ``SafetensorsError``: `.missing`, `.unsupported` for dtypes that `DType` does not
  ///   have (64-bit floats, say), `.unreadable`.
  public func tensor(_ name: String) throws(SafetensorsError) -> Tensor {
    guard let entry = header.tensors[name] else {
      throw SafetensorsError(.missing, path, FileText.noTensor(name: quoted(name)))
    }
    guard let dtype = DType(safetensors: entry.dtype) else {
      throw SafetensorsError(
        .unsupported, path, FileText.tensorType(name: quoted(name), dtype: entry.dtype))
    }
    let start = header.dataStart + entry.range.lowerBound
    // The format aligns nothing; a tensor that the ops could not read in place is copied.
    if let mapping, start % dtype.size == 0 {
      do throws(ThinbitError) {
        let range = start..<start + entry.range.count
        return try unsafe Tensor(
          borrowing: UnsafeRawBufferPointer(rebasing: mapping.bytes[range]), dtype: dtype,
          shape: entry.shape, of: mapping)
      } catch {
        throw SafetensorsError(.unreadable, path, "tensor \(quoted(name)): \(error.message)")
      }
    }
    var failure: SafetensorsError?
    let tensor: Tensor
    do throws(ThinbitError) {
      tensor = try unsafe Tensor(dtype, shape: entry.shape) { target in
        do throws(SafetensorsError) {
          try unsafe file.read(
            into: target, at: start)
        } catch {
          failure = error
        }
      }
    } catch {
      throw SafetensorsError(.unreadable, path, "tensor \(quoted(name)): \(error.message)")
    }
    if let failure { throw failure }
    return tensor
  }
}

extension DType {
  /// The dtype of the format's name; nil where there is none.
  init?(safetensors name: String) {
    switch name {
    case "F32": self = .float32
    case "F16": self = .float16
    case "BF16": self = .bfloat16
    case "U8": self = .uint8
    case "U32": self = .uint32
    case "I32": self = .int32
    case "I64": self = .int64
    default: return nil
    }
  }

  /// The format's name.
  var safetensorsName: String {
    switch self {
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .uint8: "U8"
    case .uint32: "U32"
    case .int32: "I32"
    case .int64: "I64"
    }
  }
}
