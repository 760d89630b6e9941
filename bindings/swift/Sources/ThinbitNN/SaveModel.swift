import Foundation
import Thinbit

/// Writes the parameters of a model as a checkpoint in MLX's layout, which Python's thinbit and mlx
/// read too.
///
/// A path that ends in `.safetensors` is one file. Any other path is a folder of shards with an index
/// and a config.json, which appears when it is whole. The metadata of every file says how weights are
/// quantized, and the config does.
///
/// - Parameters:
///   - model: What holds the parameters.
///   - path: The file or the folder.
///   - config: The text of the folder's config.json, a JSON object; what is said about the
///     quantization is put into it.
///   - shardBytes: The most that a shard of a folder holds, a larger module aside.
///   - overwrite: Whether what is there may be replaced: a file, or a folder that holds a checkpoint.
/// - Throws: ``SafetensorsError``: `.exists`, `.unwritable`; `.malformed` for a config that is no JSON
///   object.
public func save(
  _ model: any Module, to path: String, config: String? = nil, shardBytes: Int = 5_000_000_000,
  overwrite: Bool = false
) throws(SafetensorsError) {
  let parameters = model.parameters
  let table = quantizationTable(of: parameters)
  try checkNames(parameters, path)
  var metadata = ["format": "mlx"]
  if let table { metadata["quantization"] = metadataText(table) }
  if path.hasSuffix(".safetensors") {
    let tensors = Dictionary(uniqueKeysWithValues: parameters.flatMap { stored($0, $1) })
    return try writeSafetensors(
      path: path, tensors: tensors, metadata: metadata, overwrite: overwrite)
  }
  let members = try configMembers(config, path, table)
  let files = FileManager.default
  if files.fileExists(atPath: path) {
    guard overwrite else { throw SafetensorsError(.exists, path, FileText.folderExists()) }
    // Only what a tool like this one wrote is replaced, and no folder of another kind.
    guard files.fileExists(atPath: "\(path)/\(configName)") else {
      throw SafetensorsError(.exists, path, FileText.folderNoCheckpoint())
    }
  }
  let temporary = temporaryPath(beside: path)
  do {
    try files.createDirectory(atPath: temporary, withIntermediateDirectories: false)
    try writeShards(shards(parameters, most: shardBytes), metadata, temporary)
    let text = JSONValue.object(members).text(indent: 2) + "\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(temporary)/\(configName)"))
    try publish(temporary, path)
  } catch {
    try? files.removeItem(atPath: temporary)
    throw (error as? SafetensorsError)
      ?? SafetensorsError(.unwritable, path, error.localizedDescription)
  }
}

private func checkNames(
  _ parameters: [(path: String, value: Parameter)], _ path: String
) throws(SafetensorsError) {
  var names: Set<String> = []
  for name in parameters.flatMap({ storedNames($0, $1) }) where !names.insert(name).inserted {
    throw SafetensorsError(.unwritable, path, FileText.twoOfAName(name: quoted(name)))
  }
}

/// The names of the tensors that store a parameter.
func storedNames(_ path: String, _ value: Parameter) -> [String] {
  stored(path, value).map { name, _ in name }
}

/// The tensors that store a parameter, by name.
private func stored(_ path: String, _ value: Parameter) -> [(String, Tensor)] {
  switch value {
  case .tensor(let tensor): return [(path, tensor)]
  case .quantized(let weight):
    let module = modulePath(path)
    let parts = [
      ("weight", weight.packed), ("scales", weight.scales), ("biases", weight.biases),
      ("global_scale", weight.globalScale),
    ]
    return parts.compactMap { name, part in part.map { (joined(module, name), $0) } }
  }
}

/// `a.b.weight` belongs to the module `a.b`.
private func modulePath(_ path: String) -> String {
  path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
}

/// The most frequent spec, and the modules that differ; nil where nothing is quantized.
private func quantizationTable(
  of parameters: [(path: String, value: Parameter)]
) -> (all: QuantizationSpec, others: [(path: String, spec: QuantizationSpec)])? {
  let specs: [(path: String, spec: QuantizationSpec)] = parameters.compactMap { path, value in
    guard case .quantized(let weight) = value else { return nil }
    let spec = QuantizationSpec(
      mode: weight.mode, groupSize: weight.groupSize, bits: weight.bits)
    return (modulePath(path), spec)
  }
  var counts: [QuantizationSpec: Int] = [:]
  for (_, spec) in specs { counts[spec, default: 0] += 1 }
  let most = counts.values.max()
  // Of equally frequent ones the first.
  guard let all = specs.first(where: { counts[$0.spec] == most })?.spec else { return nil }
  return (all, specs.filter { $0.spec != all })
}

private func members(_ spec: QuantizationSpec) -> [(String, JSONValue)] {
  [
    ("group_size", .integer(spec.groupSize)), ("bits", .integer(spec.bits)),
    ("mode", .string(spec.mode.rawValue)),
  ]
}

/// The table in one line, in the order in which Python writes it.
private func metadataText(
  _ table: (all: QuantizationSpec, others: [(path: String, spec: QuantizationSpec)])
) -> String {
  func text(_ members: [(String, String)]) -> String {
    "{\(members.map { "\(jsonString($0)): \($1)" }.joined(separator: ", "))}"
  }
  func spec(_ spec: QuantizationSpec) -> [(String, String)] {
    members(spec).map { ($0, $1.text()) }
  }
  return text(spec(table.all) + table.others.map { ($0.path, text(spec($0.spec))) })
}

private func configMembers(
  _ config: String?, _ path: String,
  _ table: (all: QuantizationSpec, others: [(path: String, spec: QuantizationSpec)])?
) throws(SafetensorsError) -> [String: JSONValue] {
  var found: [String: JSONValue] = [:]
  if let config {
    guard let document = try? JSONValue(parsing: Array(config.utf8), constants: true),
      case .object(let given) = document
    else { throw SafetensorsError(.malformed, path, "the config is no JSON object") }
    found = given
  }
  for key in ["quantization", "quantization_config"] {
    found[key] = table.map { table in
      var said = Dictionary(uniqueKeysWithValues: members(table.all))
      for (path, spec) in table.others {
        said[path] = .object(Dictionary(uniqueKeysWithValues: members(spec)))
      }
      return .object(said)
    }
  }
  return found
}

/// The tensors of each shard; those of one module stay together.
private func shards(
  _ parameters: [(path: String, value: Parameter)], most: Int
) -> [[String: Tensor]] {
  var modules: [[(String, Tensor)]] = []
  var last: String?
  for (path, value) in parameters {
    if last == nil || modulePath(path) != last { modules.append([]) }
    last = modulePath(path)
    modules[modules.count - 1] += stored(path, value)
  }
  var shards: [[String: Tensor]] = [[:]]
  var filled = 0
  for tensors in modules {
    let size = tensors.reduce(0) { $0 + $1.1.nbytes }
    if filled > 0, filled + size > most {
      shards.append([:])
      filled = 0
    }
    shards[shards.count - 1].merge(tensors) { first, _ in first }
    filled += size
  }
  return shards
}

private func writeShards(
  _ shards: [[String: Tensor]], _ metadata: [String: String], _ folder: String
) throws {
  func name(_ index: Int) -> String {
    func five(_ number: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
    return shards.count == 1
      ? "model.safetensors"
      : "model-\(five(index + 1))-of-\(five(shards.count)).safetensors"
  }
  var index: [String: JSONValue] = [:]
  for (position, tensors) in shards.enumerated() {
    try writeSafetensors(
      path: "\(folder)/\(name(position))", tensors: tensors, metadata: metadata)
    for tensor in tensors.keys { index[tensor] = .string(name(position)) }
  }
  guard shards.count > 1 else { return }
  let size = shards.flatMap { $0.values }.reduce(0) { $0 + $1.nbytes }
  let text = JSONValue.object([
    "metadata": .object(["total_size": .integer(size)]), "weight_map": .object(index),
  ]).text(indent: 2)
  try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: "\(folder)/\(indexName)"))
}
