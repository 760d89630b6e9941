// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "swift-package",
  platforms: [.macOS(.v14)],
  dependencies: [.package(name: "thinbit", path: "../..")],
  targets: [
    .executableTarget(
      name: "QuantizeDemo",
      dependencies: [.product(name: "Thinbit", package: "thinbit")]
    ),
    .executableTarget(
      name: "LayerDemo",
      dependencies: [
        .product(name: "Thinbit", package: "thinbit"),
        .product(name: "ThinbitNN", package: "thinbit"),
      ]
    ),
    .target(
      name: "Bert",
      dependencies: [
        .product(name: "Thinbit", package: "thinbit"),
        .product(name: "ThinbitNN", package: "thinbit"),
      ]
    ),
    .executableTarget(
      name: "Embed",
      dependencies: [
        "Bert",
        .product(name: "Thinbit", package: "thinbit"),
        .product(name: "ThinbitNN", package: "thinbit"),
      ]
    ),
    .target(
      name: "Llama",
      dependencies: [
        .product(name: "Thinbit", package: "thinbit"),
        .product(name: "ThinbitNN", package: "thinbit"),
      ]
    ),
    .executableTarget(
      name: "Chat",
      dependencies: [
        "Llama",
        .product(name: "Thinbit", package: "thinbit"),
        .product(name: "ThinbitNN", package: "thinbit"),
      ]
    ),
  ]
)
