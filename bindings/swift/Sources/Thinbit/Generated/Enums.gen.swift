// generated from codegen/schema/thinbit.yaml: do not edit

/// How the values of a quantized tensor are encoded. Raw values are the names that checkpoints and
/// Python use.
public enum QuantizationMode: String, CaseIterable, Codable, Sendable {
  /// Integer codes with a scale and a bias for each group. Element: unsigned integer code q; the
  /// value is q * scale + bias. Scale: a float of the weight's dtype, usually negative.
  case affine
  /// OCP microscaling with 4-bit elements. Element: E2M1: 0, .5, 1, 1.5, 2, 3, 4, 6 and their
  /// negatives. Scale: E8M0: byte b is 2^(b - 127), 255 is NaN.
  case mxfp4
  /// OCP microscaling with 8-bit elements. Element: E4M3FN: at most 448, no infinity. Scale: E8M0:
  /// byte b is 2^(b - 127), 255 is NaN.
  case mxfp8
  /// NVIDIA's 4-bit format: small groups, and an optional scale for the whole tensor. Element:
  /// E2M1: 0, .5, 1, 1.5, 2, 3, 4, 6 and their negatives. Scale: E4M3FN, times global_scale / (448
  /// * 6) where a global scale is given.
  case nvfp4

  /// Elements that share a scale, when not given.
  public var defaultGroupSize: Int {
    switch self {
    case .affine: 64
    case .mxfp4: 32
    case .mxfp8: 32
    case .nvfp4: 16
    }
  }

  /// Bits for each element, when not given.
  public var defaultBits: Int {
    switch self {
    case .affine: 4
    case .mxfp4: 4
    case .mxfp8: 8
    case .nvfp4: 4
    }
  }

  /// The legal group sizes, in elements, ascending.
  public var allowedGroupSizes: [Int] {
    switch self {
    case .affine: [32, 64, 128]
    case .mxfp4: [32]
    case .mxfp8: [32]
    case .nvfp4: [16]
    }
  }

  /// The legal widths of an element, in bits, ascending.
  public var allowedBits: [Int] {
    switch self {
    case .affine: [1, 2, 3, 4, 5, 6, 8]
    case .mxfp4: [4]
    case .mxfp8: [8]
    case .nvfp4: [4]
    }
  }

  /// Whether each group has a bias, always there in this mode.
  public var hasBiases: Bool {
    switch self {
    case .affine: true
    case .mxfp4: false
    case .mxfp8: false
    case .nvfp4: false
    }
  }

  /// Whether a scale for the whole tensor may be given.
  public var hasGlobalScale: Bool {
    switch self {
    case .affine: false
    case .mxfp4: false
    case .mxfp8: false
    case .nvfp4: true
    }
  }

  /// The dtypes that scales may have.
  public var scaleDTypes: [DType] {
    switch self {
    case .affine: [.float32, .float16, .bfloat16]
    case .mxfp4: [.uint8]
    case .mxfp8: [.uint8]
    case .nvfp4: [.uint8]
    }
  }

  /// The number that C has for it.
  package var code: Int32 {
    switch self {
    case .affine: 1
    case .mxfp4: 2
    case .mxfp8: 3
    case .nvfp4: 4
    }
  }
}

/// The type of a tensor's elements.
public enum DType: String, CaseIterable, Codable, Sendable {
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a binary32.
  case bfloat16
  /// Bytes: E4M3 elements, E8M0 or E4M3 scales.
  case uint8
  /// Words of packed codes, and indices.
  case uint32
  /// Indices.
  case int32
  /// Indices.
  case int64

  /// Bytes for each element.
  public var size: Int {
    switch self {
    case .float32: 4
    case .float16: 2
    case .bfloat16: 2
    case .uint8: 1
    case .uint32: 4
    case .int32: 4
    case .int64: 8
    }
  }

  /// The number that C has for it.
  package var code: Int32 {
    switch self {
    case .float32: 1
    case .float16: 2
    case .bfloat16: 3
    case .uint8: 4
    case .uint32: 5
    case .int32: 6
    case .int64: 7
    }
  }

  /// DLPack's type code.
  var dlpackCode: UInt8 {
    switch self {
    case .float32: 2
    case .float16: 2
    case .bfloat16: 4
    case .uint8: 1
    case .uint32: 1
    case .int32: 0
    case .int64: 0
    }
  }
}

/// What kind of failure an error is.
public enum ThinbitStatus: String, CaseIterable, Codable, Sendable {
  /// An argument breaks a rule; nothing was written.
  case invalidArgument = "invalid_argument"
  /// The call is legal, but this backend or this version cannot do it.
  case unsupported
  /// A value to quantize is NaN or infinite, or its scale overflows; the outputs are unspecified.
  case nonFinite = "non_finite"
  /// A workspace could not be allocated.
  case outOfMemory = "out_of_memory"
  /// The device or its driver reported a fault.
  case device
  /// A defect of thinbit: please report it.
  case `internal`

  /// The number that C has for it.
  package var code: Int32 {
    switch self {
    case .invalidArgument: 1
    case .unsupported: 2
    case .nonFinite: 3
    case .outOfMemory: 4
    case .device: 5
    case .internal: 6
    }
  }
}

/// A place where calls can run.
public enum Backend: String, CaseIterable, Codable, Sendable {
  /// The host's processor, multi-threaded.
  case cpu
  /// NVIDIA GPUs, by a plugin library.
  case cuda
  /// Apple GPUs, on the host's memory, which is theirs too.
  case metal

  /// The number that C has for it.
  package var code: Int32 {
    switch self {
    case .cpu: 1
    case .cuda: 2
    case .metal: 3
    }
  }

  /// DLPack's device type.
  var dlpackDevice: Int32 {
    switch self {
    case .cpu: 1
    case .cuda: 2
    case .metal: 8
    }
  }
}
