import Foundation
public import Thinbit

/// A checkpoint in MLX's layout: one safetensors file, or a folder of shards with index and config.
///
/// Any number of tasks may read at the same time.
public final class Checkpoint: Sendable, TensorStore {
  /// The file or folder.
  public let path: String
  /// The text of the folder's config.json; nil where there is none.
  public let config: String?

  private let files: [SafetensorsFile]
  private let owners: [String: Int]
  private let table: QuantizationTable?

  /// Opens a file, or all shards of a folder, and checks their headers.
  ///
  /// - Parameters:
  ///   - path: A safetensors file, or a folder.
  ///   - mapped: Whether tensors lie in the mapped files, so that nothing is copied and only what is
  ///     used is read. The files have to stay as they are as long as a tensor of them lives: one
  ///     that is cut off ends the process.
  /// - Throws: ``SafetensorsError``: `.unreadable`, or `.malformed` for files that are no safetensors
  ///   files, and for shards that do not agree with their index or each other.
  public init(path: String, mapped: Bool = false) throws(SafetensorsError) {
    self.path = path
    let isFolder = isFolder(path)
    let index = isFolder ? try shardIndex(of: path) : nil
    let names = try isFolder ? shardNames(of: path, index) : [path]
    let beside = isFolder ? "\(path)/" : path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let members = try readConfig(beside + configName)
    var files: [SafetensorsFile] = []
    var owners: [String: Int] = [:]
    for name in names {
      let file = try SafetensorsFile(path: isFolder ? "\(path)/\(name)" : name, mapped: mapped)
      for tensor in file.names {
        if let other = owners.updateValue(files.count, forKey: tensor) {
          throw SafetensorsError(
            .malformed, file.path,
            FileText.tensorInTwo(name: quoted(tensor), other: quoted(names[other])))
        }
      }
      files.append(file)
    }
    for (tensor, file) in (index ?? [:]).sorted(by: { $0.key < $1.key })
    where owners[tensor].map({ names[$0] }) != file {
      throw SafetensorsError(
        .malformed, path, FileText.indexWrong(name: quoted(tensor), file: quoted(file)))
    }
    self.files = files
    self.owners = owners
    config = isFolder ? try? String(contentsOfFile: beside + configName, encoding: .utf8) : nil
    table = try files[0].quantizationTable(config: members)
  }

  /// The tensors' names, sorted.
  public var names: [String] { owners.keys.sorted() }

  /// Whether there is a tensor of this name.
  public func contains(_ name: String) -> Bool { owners[name] != nil }

  /// One tensor, as it is stored.
  ///
  /// - Throws: ``SafetensorsError``: `.missing`, `.unsupported`, `.unreadable`, as
  ///   ``SafetensorsFile/tensor(_:)``.
  public func tensor(_ name: String) throws(SafetensorsError) -> Tensor {
    guard let owner = owners[name] else {
      throw SafetensorsError(.missing, path, FileText.noTensor(name: quoted(name)))
    }
    return try files[owner].tensor(name)
  }

  /// Whether the weight of a module is quantized: it has scales.
  public func isQuantized(_ module: String) -> Bool { contains(joined(module, "scales")) }

  /// The quantized weight of a module, as ``SafetensorsFile/quantizedTensor(_:spec:)``.
  public func quantizedTensor(
    _ module: String, spec: QuantizationSpec? = nil
  ) throws(SafetensorsError) -> QuantizedTensor {
    try readQuantized(module, spec: spec)
  }

  func entry(of name: String) -> TensorEntry? {
    owners[name].flatMap { files[$0].entry(of: name) }
  }

  func quantizationTable() -> QuantizationTable? { table }
}

extension Checkpoint {
  /// The linear layer of a module: a ``QuantizedLinear`` where its weight is quantized, else a
  /// ``Linear``.
  ///
  /// - Parameters:
  ///   - module: The module's path.
  ///   - quantizeInput: Whether a layer with a quantized weight quantizes its input too: a
  ///     ``QQLinear``.
  /// - Throws: ``SafetensorsError`` as ``quantizedTensor(_:spec:)``; `.malformed` where the parts do
  ///   not make a layer.
  public func linear(
    _ module: String, quantizeInput: Bool = false
  ) throws(SafetensorsError) -> any UnaryLayer {
    let name = joined(module, "bias")
    let bias = contains(name) ? try tensor(name) : nil
    if isQuantized(module) {
      let weight = try quantizedTensor(module)
      return try made(module) { () throws(ThinbitError) -> any UnaryLayer in
        quantizeInput
          ? try QQLinear(weight: weight, bias: bias)
          : try QuantizedLinear(weight: weight, bias: bias)
      }
    }
    let weight = try tensor(joined(module, "weight"))
    return try made(module) { () throws(ThinbitError) -> any UnaryLayer in
      try Linear(weight: weight, bias: bias)
    }
  }

  /// The table of a module: a ``QuantizedEmbedding`` where its weight is quantized, else an
  /// ``Embedding``.
  ///
  /// - Parameters:
  ///   - module: The module's path.
  ///   - dtype: The dtype of the rows of a quantized table; `nil` is that of its scales for affine,
  ///     float32 for the other modes.
  /// - Throws: ``SafetensorsError`` as ``linear(_:quantizeInput:)``.
  public func embedding(
    _ module: String, dtype: DType? = nil
  ) throws(SafetensorsError) -> any EmbeddingLayer {
    if isQuantized(module) {
      let weight = try quantizedTensor(module)
      return try made(module) { () throws(ThinbitError) -> any EmbeddingLayer in
        try QuantizedEmbedding(weight: weight, dtype: dtype)
      }
    }
    let weight = try tensor(joined(module, "weight"))
    return try made(module) { () throws(ThinbitError) -> any EmbeddingLayer in
      try Embedding(weight: weight)
    }
  }

  private func made<Made>(
    _ module: String, _ make: () throws(ThinbitError) -> Made
  ) throws(SafetensorsError) -> Made {
    do throws(ThinbitError) {
      return try make()
    } catch {
      throw SafetensorsError(.malformed, path, "module \(quoted(module)): \(error.message)")
    }
  }
}

let configName = "config.json"
let indexName = "model.safetensors.index.json"

func isFolder(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    && isFolder.boolValue
}

/// The file of each tensor, as the index says; nil where there is no index.
private func shardIndex(of folder: String) throws(SafetensorsError) -> [String: String]? {
  let path = "\(folder)/\(indexName)"
  guard isRegularFile(path) else { return nil }
  guard case .object(let weights)? = try readJSONObject(path)["weight_map"], !weights.isEmpty
  else { throw SafetensorsError(.malformed, path, FileText.indexEmpty()) }
  var files: [String: String] = [:]
  for (tensor, value) in weights.sorted(by: { $0.key < $1.key }) {
    // A name with a folder in it would lead out of this one.
    guard case .string(let name) = value, !name.contains("/"), !["", ".", ".."].contains(name)
    else {
      throw SafetensorsError(
        .malformed, path, FileText.indexNoName(value: value.described))
    }
    guard isRegularFile("\(folder)/\(name)") else {
      throw SafetensorsError(.malformed, path, FileText.indexNoFile(file: quoted(name)))
    }
    files[tensor] = name
  }
  return files
}

/// The names of the files that hold tensors, sorted.
private func shardNames(
  of folder: String, _ index: [String: String]?
) throws(SafetensorsError) -> [String] {
  if let index { return Set(index.values).sorted() }
  let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  let names = all.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix(".") }.sorted()
  guard !names.isEmpty else {
    throw SafetensorsError(.unreadable, folder, FileText.noFiles())
  }
  return names
}
