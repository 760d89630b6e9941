// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
]

let applePlatforms: [Platform] = [.macOS, .iOS, .tvOS, .visionOS]

let package = Package(
  name: "thinbit",
  platforms: [.macOS(.v14), .iOS(.v17), .tvOS(.v17), .visionOS(.v1)],
  products: [
    .library(name: "Thinbit", targets: ["Thinbit"]),
    .library(name: "ThinbitNN", targets: ["ThinbitNN"]),
  ],
  targets: [
    .target(
      name: "CThinbit",
      path: "core",
      // CMakeLists.txt lists the same files; a test compares the two lists.
      sources: [
        "comm/comm_api.cpp",
        "comm/group.cpp",
        "comm/launcher.cpp",
        "comm/loaded_libraries.cpp",
        "comm/mpi_library.cpp",
        "comm/mpi_lifetime.cpp",
        "cpu/dequantize.cpp",
        "cpu/fp8.cpp",
        "cpu/gather.cpp",
        "cpu/levels/arm/neon.cpp",
        "cpu/levels/dispatch.cpp",
        "cpu/levels/scalar.cpp",
        "cpu/levels/x86/avx2.cpp",
        "cpu/levels/x86/avx2_products.cpp",
        "cpu/levels/x86/avx512.cpp",
        "cpu/levels/x86/avx512_bf16_blocked.cpp",
        "cpu/levels/x86/avx512_bf16_products.cpp",
        "cpu/levels/x86/avx512_blocked.cpp",
        "cpu/levels/x86/avx512_digit_products.cpp",
        "cpu/levels/x86/avx512_products.cpp",
        "cpu/levels/x86/avx512_vbmi_products.cpp",
        "cpu/levels/x86/avx512_vnni_products.cpp",
        "cpu/levels/x86/features.cpp",
        "cpu/matmul.cpp",
        "cpu/product.cpp",
        "cpu/qqmm.cpp",
        "cpu/quantize.cpp",
        "cpu/quantized_on_the_fly.cpp",
        "cuda/presence.cpp",
        "generated/abi_asserts.gen.c",
        "generated/dequantize.gen.cpp",
        "generated/from_fp8.gen.cpp",
        "generated/gather_qmm.gen.cpp",
        "generated/gather_qqmm.gen.cpp",
        "generated/identity.gen.cpp",
        "generated/info.gen.cpp",
        "generated/metal_source.gen.cpp",
        "generated/qqaddmm.gen.cpp",
        "generated/qqmm.gen.cpp",
        "generated/quantize.gen.cpp",
        "generated/quantized_addmm.gen.cpp",
        "generated/quantized_matmul.gen.cpp",
        "generated/records.gen.cpp",
        "generated/to_fp8.gen.cpp",
        "metal/absence.cpp",
        "metal/conversion.mm",
        "metal/dequantize.mm",
        "metal/fp8.mm",
        "metal/gather.mm",
        "metal/gpu.mm",
        "metal/layout.cpp",
        "metal/matmul.mm",
        "metal/presence.mm",
        "metal/product.mm",
        "metal/qqmm.mm",
        "metal/quantize.mm",
        "metal/work.mm",
        "runtime/axes.cpp",
        "runtime/backend_registry.cpp",
        "runtime/c_api.cpp",
        "runtime/checker.cpp",
        "runtime/checker_shapes.cpp",
        "runtime/checker_tensors.cpp",
        "runtime/checks_text.cpp",
        "runtime/context.cpp",
        "runtime/dispatch.cpp",
        "runtime/environment.cpp",
        "runtime/error.cpp",
        "runtime/info.cpp",
        "runtime/kept_texts.cpp",
        "runtime/product.cpp",
        "runtime/repetition.cpp",
        "runtime/thread_count.cpp",
        "runtime/thread_pool.cpp",
      ],
      publicHeadersPath: "include",
      cSettings: [.define("NDEBUG", .when(configuration: .release))],
      cxxSettings: [
        .headerSearchPath("."),
        .define("NDEBUG", .when(configuration: .release)),
      ],
      linkerSettings: [
        .linkedFramework("Foundation", .when(platforms: applePlatforms)),
        .linkedFramework("Metal", .when(platforms: applePlatforms)),
      ]
    ),
    .target(
      name: "Thinbit",
      dependencies: ["CThinbit"],
      path: "bindings/swift/Sources/Thinbit",
      swiftSettings: swiftSettings
    ),
    .target(
      name: "ThinbitNN",
      dependencies: ["Thinbit"],
      path: "bindings/swift/Sources/ThinbitNN",
      swiftSettings: swiftSettings
    ),
    .target(
      name: "ThinbitTestSupport",
      dependencies: ["Thinbit"],
      path: "bindings/swift/Sources/ThinbitTestSupport",
      swiftSettings: swiftSettings
    ),
    // One rank of the jobs in tests/languages.
    .executableTarget(
      name: "ThinbitRank",
      dependencies: ["Thinbit", "ThinbitNN"],
      path: "bindings/swift/Tests/ThinbitRank",
      swiftSettings: swiftSettings
    ),
    .testTarget(
      name: "ThinbitTests",
      dependencies: ["Thinbit", "ThinbitTestSupport"],
      path: "bindings/swift/Tests/ThinbitTests",
      swiftSettings: swiftSettings
    ),
    .testTarget(
      name: "ThinbitNNTests",
      dependencies: ["Thinbit", "ThinbitNN"],
      path: "bindings/swift/Tests/ThinbitNNTests",
      swiftSettings: swiftSettings
    ),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
