public import Thinbit

/// Tensors by name, and what is said about how some of them were quantized: a file, or a folder.
protocol TensorStore {
  var path: String { get }
  func entry(of name: String) -> TensorEntry?
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

  func entry(of name: String) -> TensorEntry? { header.tensors[name] }

  /// What the metadata says, else the config.json in the same folder, else nil.
  func quantizationTable() throws(SafetensorsError) -> QuantizationTable? {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    return try quantizationTable(config: readConfig(folder + configName))
  }

  /// What the metadata says, else the members of a config, else nil.
  func quantizationTable(
    config: [String: JSONValue]?
  ) throws(SafetensorsError) -> QuantizationTable? {
    if let text = metadata["quantization"] {
      do throws(QuantizationFault) {
        return try QuantizationTable(metadata: text)
      } catch {
        throw SafetensorsError(
          .malformed, path, FileText.metadataQuantization(problem: error.problem))
      }
    }
    guard let said = config?["quantization"] ?? config?["quantization_config"],
      case .object(let members) = said,
      // Other libraries keep settings of their own formats under the same key.
      members["group_size"] != nil, members["bits"] != nil
    else { return nil }
    do throws(QuantizationFault) {
      return try QuantizationTable(said)
    } catch {
      throw SafetensorsError(.malformed, path, FileText.configQuantization(problem: error.problem))
    }
  }
}

extension QuantizationTable {
  /// The table that the metadata of a file holds as text.
  fileprivate init(metadata: String) throws(QuantizationFault) {
    let value: JSONValue
    do throws(JSONFault) {
      value = try JSONValue(parsing: metadata.utf8)
    } catch {
      throw QuantizationFault(error.text("the text"))
    }
    try self.init(value)
  }
}

extension TensorStore {
  /// The quantized weight of a module; see ``SafetensorsFile/quantizedTensor(_:spec:)``.
  func readQuantized(
    _ prefix: String, spec: QuantizationSpec?
  ) throws(SafetensorsError) -> QuantizedTensor {
    let parts = ModuleParts(of: prefix, in: self)
    let chosen: QuantizationSpec
    if let spec {
      chosen = spec
    } else {
      chosen = try parts.spec(said: quantizationTable()?.spec(of: prefix))
    }
    let packed = try tensor(joined(prefix, "weight"))
    let scales = try tensor(joined(prefix, "scales"))
    let biases = parts.biases == nil ? nil : try tensor(joined(prefix, "biases"))
    let globalScale = parts.globalScale == nil ? nil : try tensor(joined(prefix, "global_scale"))
    do throws(ThinbitError) {
      return try QuantizedTensor(
        packed: packed, scales: scales, biases: biases, groupSize: chosen.groupSize,
        bits: chosen.bits, mode: chosen.mode, globalScale: globalScale)
    } catch {
      throw SafetensorsError(.malformed, path, "module \(quoted(prefix)): \(error.message)")
    }
  }
}

/// The members of the config beside a checkpoint; nil where there is none.
func readConfig(_ path: String) throws(SafetensorsError) -> [String: JSONValue]? {
  isRegularFile(path) ? try readJSONObject(path) : nil
}

/// The members of the object that a file holds.
func readJSONObject(_ path: String) throws(SafetensorsError) -> [String: JSONValue] {
  let most = 64 << 20
  let file = try ReadableFile(path: path)
  guard file.byteCount <= most else {
    throw SafetensorsError(
      .malformed, path, FileText.tooLarge(size: file.byteCount, most: most))
  }
  let text = try file.bytes(0..<file.byteCount)
  do throws(JSONFault) {
    return try jsonObject(text, constants: true)
  } catch {
    throw SafetensorsError(.malformed, path, error.text("the file"))
  }
}
