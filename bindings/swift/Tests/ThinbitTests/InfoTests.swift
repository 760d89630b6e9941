import Testing
import Thinbit

@Suite("What is used, and why")
struct InfoTests {
  @Test func namesTheLevelAndTheThreads() throws {
    let info = try ThinbitInfo.current()
    #expect(info.version.split(separator: ".").count == 3)
    #expect(info.abiVersion == 1)
    #expect(info.schemaHash.count == 64)
    #expect(info.backend == "cpu")
    #expect(info.cpuLevels.first == "scalar")
    #expect(info.cpuLevels.contains(info.cpuLevel))
    #expect(!info.cpuLevelReason.isEmpty)
    #expect(info.numThreads >= 1)
    #expect(!info.numThreadsReason.isEmpty)
  }

  @Test func describesEveryFieldInALine() throws {
    let info = try ThinbitInfo.current()
    let lines = info.description.split(separator: "\n")
    #expect(lines.contains("cpu_level: \(info.cpuLevel)"))
    #expect(lines.contains("cpu_levels: \(info.cpuLevels.joined(separator: ", "))"))
    #expect(lines.count == Mirror(reflecting: info).children.count)
  }
}
