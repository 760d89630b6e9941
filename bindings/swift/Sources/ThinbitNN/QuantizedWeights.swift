public import Thinbit

/// Tensors by name, and what is said about how some of them were quantized: a file, or a folder.
protocol TensorStore {
  var path: String { get }
  func contains(_ name: String) -> Bool
  func tensor(_ name: String) throws(SafetensorsError) -> Tensor
  func quantizationTable() throws(SafetensorsError) -> QuantizationTable?
}

extension SafetensorsFile: TensorStore {
  /// The quantized weight of a module in MLX's layout: `X.weight` (U32), `X.scales`, in affine
  /// `X.biases`, and maybe `X.global_scale` (F32).
  ///
  /// How it was quantized is, in this order: the spec that is given; what the file's metadata says
  /// under `quantization`; what `config.json` in the same folder says; what the dtypes and shapes
  /// leave as the only possibility. Byte scales leave one (64 bits for each group are nvfp4, 128
  /// mxfp4, 256 mxfp8), float scales often do not.
  ///
  /// - Parameters:
  ///   - prefix: The module's path X; empty for a file with a plain `weight`.
  ///   - spec: How it was quantized, where the caller knows.
  /// - Throws: ``SafetensorsError``: `.missing`, `.ambiguous` where several specs fit the shapes
  ///   and nothing says which, `.malformed` where the parts or the metadata do not fit together,
  ///   `.unreadable`.
  public func quantizedTensor(
    _ prefix: String, spec: QuantizationSpec? = nil
  ) throws(SafetensorsError) -> QuantizedTensor {
    try readQuantized(prefix, spec: spec)
  }

  func contains(_ name: String) -> Bool { header.tensors[name] != nil }

  /// What the metadata says, else the config.json in the same folder, else nil.
  func quantizationTable() throws(SafetensorsError) -> QuantizationTable? {
    if let text = metadata["quantization"] {
      return try table(path, Array(text.utf8)) { $0 }
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    return try configTable(folder + "config.json")
  }
}

extension TensorStore {
  /// The quantized weight of a module; see ``SafetensorsFile/quantizedTensor(_:spec:)``.
  func readQuantized(
    _ prefix: String, spec: QuantizationSpec?
  ) throws(SafetensorsError) -> QuantizedTensor {
    let name = { (part: String) in prefix.isEmpty ? part : "\(prefix).\(part)" }
    let packed = try tensor(name("weight"))
    let scales = try tensor(name("scales"))
    let biases = try optionalTensor(name("biases"))
    let globalScale = try optionalTensor(name("global_scale"))
    let chosen = try self.spec(of: prefix, packed: packed, scales: scales, given: spec)
    do throws(ThinbitError) {
      return try QuantizedTensor(
        packed: packed, scales: scales, biases: biases, groupSize: chosen.groupSize,
        bits: chosen.bits, mode: chosen.mode, globalScale: globalScale)
    } catch {
      throw SafetensorsError(.malformed, path, "module \(quoted(prefix)): \(error.message)")
    }
  }

  private func optionalTensor(_ name: String) throws(SafetensorsError) -> Tensor? {
    contains(name) ? try tensor(name) : nil
  }

  private func spec(
    of module: String, packed: Tensor, scales: Tensor, given: QuantizationSpec?
  ) throws(SafetensorsError) -> QuantizationSpec {
    if let given { return given }
    let candidates = QuantizationSpec.candidates(
      packed: packed.shape, scales: scales.shape, scaleDType: scales.dtype)
    let found =
      "weight \(packed.shape) and \(scales.dtype.rawValue) scales \(scales.shape) of module "
      + quoted(module)
    guard !candidates.isEmpty else {
      throw SafetensorsError(.malformed, path, "\(found) belong to no mode")
    }
    if let said = try quantizationTable()?.spec(of: module) {
      guard candidates.contains(said) else {
        throw SafetensorsError(
          .malformed, path, "\(found) are said to be \(said), which does not fit them")
      }
      return said
    }
    guard candidates.count == 1 else {
      let choices = candidates.map(\.description).joined(separator: " or ")
      throw SafetensorsError(
        .ambiguous, path,
        "\(found) fit \(choices), and neither metadata nor a config.json says which: give a spec")
    }
    return candidates[0]
  }
}

/// What a config.json says about quantization; nil where there is none that can be read, that is far
/// too large for one, or that says nothing.
func configTable(_ config: String) throws(SafetensorsError) -> QuantizationTable? {
  guard let file = try? ReadableFile(path: config), file.byteCount <= 16 << 20,
    let text = try? file.bytes(0..<file.byteCount)
  else { return nil }
  return try table(config, text) { document in
    guard case .object(let members) = document,
      let said = members["quantization"] ?? members["quantization_config"],
      case .object(let spec) = said,
      // Other libraries keep settings of their own formats under the same key.
      spec["group_size"] != nil, spec["bits"] != nil
    else { return nil }
    return said
  }
}

private func table(
  _ path: String, _ text: [UInt8], _ find: (JSONValue) -> JSONValue?
) throws(SafetensorsError) -> QuantizationTable? {
  let document: JSONValue
  do throws(JSONValue.Malformed) {
    document = try JSONValue(parsing: text)
  } catch {
    throw SafetensorsError(.malformed, path, "the quantization is not JSON: \(error.problem)")
  }
  guard let value = find(document) else { return nil }
  do throws(QuantizationFault) {
    return try QuantizationTable(value)
  } catch {
    throw SafetensorsError(.malformed, path, error.problem)
  }
}
