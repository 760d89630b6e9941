// generated from codegen/schema/thinbit.yaml: do not edit

/// What is wrong with a checkpoint's files: the same words in every language.
enum FileText {
  static func isFolder() -> String {
    "this is a folder"
  }
  static func notRegular() -> String {
    "this is not a regular file"
  }
  static func changed() -> String {
    "the file changed while it was read"
  }
  static func tooLarge(size: some CustomStringConvertible, most: some CustomStringConvertible) -> String {
    "the file has \(size) bytes; at most \(most) are read"
  }
  static func tooShort(size: some CustomStringConvertible) -> String {
    "the file has \(size) bytes; a safetensors file has at least 8, which hold the length of its header"
  }
  static func headerCut(length: some CustomStringConvertible, rest: some CustomStringConvertible) -> String {
    "the header is said to have \(length) bytes, but \(rest) follow: the file is cut short, or is not a safetensors file"
  }
  static func headerTooLong(length: some CustomStringConvertible, most: some CustomStringConvertible) -> String {
    "the header has \(length) bytes; at most \(most) are legal"
  }
  static func headerStart() -> String {
    "the header does not start with a brace, as a safetensors header does"
  }
  static func jsonNotUtf8(what: some CustomStringConvertible, byte: some CustomStringConvertible) -> String {
    "\(what) is not UTF-8 at byte \(byte)"
  }
  static func jsonSyntax(what: some CustomStringConvertible) -> String {
    "\(what) is not JSON"
  }
  static func jsonTooDeep(what: some CustomStringConvertible, most: some CustomStringConvertible) -> String {
    "\(what) is nested more than \(most) deep"
  }
  static func jsonKeyTwice(what: some CustomStringConvertible, key: some CustomStringConvertible) -> String {
    "\(what) has the key \(key) twice"
  }
  static func jsonHalfPair(what: some CustomStringConvertible) -> String {
    "\(what) holds half of a surrogate pair, which is no Unicode text"
  }
  static func jsonNotObject(what: some CustomStringConvertible, value: some CustomStringConvertible) -> String {
    "\(what) holds \(value), not a JSON object"
  }
  static func metadataNotObject(value: some CustomStringConvertible) -> String {
    "__metadata__ is \(value); it must map strings to strings"
  }
  static func metadataNotString(value: some CustomStringConvertible, key: some CustomStringConvertible) -> String {
    "__metadata__ has \(value) under \(key); only strings"
  }
  static func tensorNotObject(name: some CustomStringConvertible, value: some CustomStringConvertible) -> String {
    "tensor \(name) is \(value); it must be an object"
  }
  static func tensorLacks(name: some CustomStringConvertible, key: some CustomStringConvertible) -> String {
    "tensor \(name) has no \(key)"
  }
  static func tensorDtype(name: some CustomStringConvertible, value: some CustomStringConvertible) -> String {
    "tensor \(name) has the unknown dtype \(value)"
  }
  static func tensorShape(name: some CustomStringConvertible, value: some CustomStringConvertible) -> String {
    "tensor \(name) has the shape \(value); sizes are integers from 0"
  }
  static func tensorAxes(name: some CustomStringConvertible, axes: some CustomStringConvertible, most: some CustomStringConvertible) -> String {
    "tensor \(name) has \(axes) axes; \(most) is the most there can be"
  }
  static func tensorOffsets(name: some CustomStringConvertible, value: some CustomStringConvertible) -> String {
    "tensor \(name) has data_offsets \(value); two integers from 0"
  }
  static func tensorBackwards(name: some CustomStringConvertible, value: some CustomStringConvertible) -> String {
    "tensor \(name) has data_offsets \(value), which run backwards"
  }
  static func tensorCut(name: some CustomStringConvertible, value: some CustomStringConvertible, size: some CustomStringConvertible) -> String {
    "tensor \(name) has data_offsets \(value), and the data has \(size) bytes: the file is cut short, or its header is wrong"
  }
  static func tensorTooLarge(name: some CustomStringConvertible, value: some CustomStringConvertible) -> String {
    "tensor \(name) has the shape \(value), which no memory can hold"
  }
  static func tensorSize(name: some CustomStringConvertible, dtype: some CustomStringConvertible, shape: some CustomStringConvertible, needed: some CustomStringConvertible, held: some CustomStringConvertible) -> String {
    "tensor \(name), \(dtype) of shape \(shape), needs \(needed) bytes; its data_offsets hold \(held)"
  }
  static func tensorPartOfByte(name: some CustomStringConvertible, dtype: some CustomStringConvertible, shape: some CustomStringConvertible, needed: some CustomStringConvertible, held: some CustomStringConvertible) -> String {
    "tensor \(name), \(dtype) of shape \(shape), needs \(needed) bytes and ends inside one; its data_offsets hold \(held)"
  }
  static func tensorsOverlap(first: some CustomStringConvertible, second: some CustomStringConvertible) -> String {
    "tensors \(first) and \(second) overlap"
  }
  static func dataGap(begin: some CustomStringConvertible, end: some CustomStringConvertible, name: some CustomStringConvertible) -> String {
    "bytes \(begin) to \(end) of the data, before tensor \(name), belong to no tensor"
  }
  static func dataLeft(rest: some CustomStringConvertible, size: some CustomStringConvertible) -> String {
    "the last \(rest) of \(size) bytes belong to no tensor"
  }
  static func tensorType(name: some CustomStringConvertible, dtype: some CustomStringConvertible) -> String {
    "tensor \(name) is \(dtype), for which there is no type to read it as"
  }
  static func noTensor(name: some CustomStringConvertible) -> String {
    "there is no tensor \(name)"
  }
  static func noFiles() -> String {
    "there is no .safetensors file in this folder"
  }
  static func tensorInTwo(name: some CustomStringConvertible, other: some CustomStringConvertible) -> String {
    "tensor \(name) is in \(other) too"
  }
  static func indexEmpty() -> String {
    "the index has no weight_map"
  }
  static func indexNoName(value: some CustomStringConvertible) -> String {
    "the index names \(value), which is no file's name"
  }
  static func indexNoFile(file: some CustomStringConvertible) -> String {
    "the index names \(file), and it is not there"
  }
  static func indexWrong(name: some CustomStringConvertible, file: some CustomStringConvertible) -> String {
    "the index says that tensor \(name) is in \(file): it is not"
  }
  static func metadataQuantization(problem: some CustomStringConvertible) -> String {
    "the metadata's quantization is wrong: \(problem)"
  }
  static func configQuantization(problem: some CustomStringConvertible) -> String {
    "the quantization in config.json is wrong: \(problem)"
  }
  static func specNotObject(value: some CustomStringConvertible) -> String {
    "\(value) is no quantization; an object with group_size and bits is"
  }
  static func specModeNotString(value: some CustomStringConvertible) -> String {
    "the mode is \(value); it must be a string"
  }
  static func specModeUnknown(value: some CustomStringConvertible, choices: some CustomStringConvertible) -> String {
    "the mode is \(value); there are \(choices)"
  }
  static func specNotInteger(key: some CustomStringConvertible, value: some CustomStringConvertible) -> String {
    "\(key) is \(value); it must be an integer"
  }
  static func specBits(mode: some CustomStringConvertible, choices: some CustomStringConvertible, bits: some CustomStringConvertible) -> String {
    "\(mode) has \(choices) bits, not \(bits)"
  }
  static func specGroupSize(mode: some CustomStringConvertible, choices: some CustomStringConvertible, groupSize: some CustomStringConvertible) -> String {
    "\(mode) has groups of \(choices) elements, not \(groupSize)"
  }
  static func module(name: some CustomStringConvertible, problem: some CustomStringConvertible) -> String {
    "module \(name): \(problem)"
  }
  static func moduleOpen(name: some CustomStringConvertible, choices: some CustomStringConvertible) -> String {
    "module \(name) is \(choices): the shapes fit all of them, and neither metadata nor a config.json says which"
  }
  static func moduleNoMode(weight: some CustomStringConvertible, dtype: some CustomStringConvertible, scales: some CustomStringConvertible) -> String {
    "weight \(weight) and \(dtype) scales \(scales) belong to no mode"
  }
  static func moduleNotSaid(spec: some CustomStringConvertible, weight: some CustomStringConvertible, dtype: some CustomStringConvertible, scales: some CustomStringConvertible) -> String {
    "it is said to be \(spec), which does not fit weight \(weight) and \(dtype) scales \(scales)"
  }
  static func moduleNeedsBiases(mode: some CustomStringConvertible) -> String {
    "\(mode) needs biases, and there are none"
  }
  static func moduleHasBiases(mode: some CustomStringConvertible) -> String {
    "there are biases, which \(mode) does not have"
  }
  static func moduleBiases(biasesDtype: some CustomStringConvertible, biases: some CustomStringConvertible, dtype: some CustomStringConvertible, scales: some CustomStringConvertible) -> String {
    "the biases are \(biasesDtype) \(biases), the scales \(dtype) \(scales); they must be alike"
  }
  static func moduleHasGlobalScale(mode: some CustomStringConvertible) -> String {
    "there is a global_scale, which \(mode) does not have"
  }
  static func moduleGlobalScale(dtype: some CustomStringConvertible, shape: some CustomStringConvertible) -> String {
    "the global_scale is \(dtype) \(shape), not one F32"
  }
  static func exists() -> String {
    "the file exists already"
  }
  static func folderExists() -> String {
    "the folder exists already"
  }
  static func folderNoCheckpoint() -> String {
    "this folder holds no checkpoint (no config.json), so it stays"
  }
  static func outputIsFolder() -> String {
    "this is a folder; the output must be a file"
  }
  static func twoOfAName(name: some CustomStringConvertible) -> String {
    "two tensors would be called \(name)"
  }
  static func metadataIsNoName() -> String {
    "no tensor can be called __metadata__"
  }
}
