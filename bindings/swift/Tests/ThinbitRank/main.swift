// One rank of a job, for the tests: mpiexec -n N ThinbitRank layers | sum | success | failure.

import Thinbit
import ThinbitNN

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

let group = try DistributedGroup.world()

switch CommandLine.arguments.last ?? "" {
case "layers":
  var comparison = Comparison(group: group)
  try comparison.compareAllLayers()
  try comparison.compareRefusals()
  say("rank \(group.rank) compared \(comparison.count)")
case "sum":
  // What the Python program sum.py does.
  let x = try Tensor((0..<5).map { Float($0 * (group.rank + 1)) }, shape: [5])
  let sum = try group.allSum(x).array(as: Float.self)
  let gathered = try group.allGather(Tensor([Float(group.rank)], shape: [1]))
  try group.barrier()
  say("Swift, rank \(group.rank): \(sum) \(try gathered.array(as: Float.self))")
  group.free()
case "success":
  usleep(UInt32(500_000 * group.rank))
  say("rank \(group.rank) is done")
case "failure":
  if group.rank == 0 { exit(3) }
  try group.barrier()
default:
  say("ThinbitRank layers | sum | success | failure")
  exit(2)
}

/// A line in one piece, so that those of other ranks do not lie between.
func say(_ line: String) {
  let bytes = Array("\(line)\n".utf8)
  unsafe bytes.withUnsafeBytes { _ = unsafe write(1, $0.baseAddress, $0.count) }
}
