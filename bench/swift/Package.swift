// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "call-time",
  platforms: [.macOS(.v14)],
  dependencies: [.package(name: "thinbit", path: "../..")],
  targets: [
    .executableTarget(
      name: "CallTime", dependencies: [.product(name: "Thinbit", package: "thinbit")])
  ]
)
