// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A library target of the house; `uses` are the arrows of docs/architecture.md, `external` its adapters.
func module(
    _ name: String,
    uses: [String] = [],
    external: [Target.Dependency] = []
) -> Target {
    .target(
        name: name,
        dependencies: uses.map { .target(name: $0) } + external,
        swiftSettings: settings
    )
}

/// The tests of one target; `KubeTesting` has the fixtures of those that need a cluster.
func tests(
    of name: String,
    uses: [String] = [],
    external: [Target.Dependency] = [],
    exclude: [String] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: ([name] + uses).map { .target(name: $0) } + external,
        exclude: exclude,
        swiftSettings: settings
    )
}

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let sqlite = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let algorithms = Target.Dependency.product(name: "Algorithms", package: "swift-algorithms")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")

let testTargets: [Target] = [
    tests(of: "KubeModel"),
    tests(of: "KubeClient", uses: ["KubeModel", "KubeTesting"]),
    tests(of: "KubeRuntime", uses: ["KubeModel", "KubeClient", "KubeTesting"]),
    tests(
        of: "KubeServer",
        uses: ["KubeModel", "KubeClient", "KubeRuntime", "KubeTesting"],
        external: [.product(name: "GRDBSQLite", package: "GRDB.swift")]
    ),
    tests(of: "GitSource", external: [subprocess], exclude: ["Servers/git_server.py"]),
    tests(
        of: "Rendering",
        uses: ["KubeModel", "GitSource", "varde"],
        external: [subprocess],
        exclude: ["Servers/file_server.py"]
    ),
    tests(of: "Tenancy", uses: ["KubeModel", "KubeClient", "KubeRuntime", "KubeTesting"], external: [log]),
    tests(of: "Fleet", uses: ["KubeModel", "KubeClient", "KubeTesting"], external: [log]),
    tests(
        of: "Delivery",
        uses: ["KubeModel", "KubeClient", "KubeRuntime", "GitSource", "Rendering", "KubeTesting"],
        external: [subprocess, crypto]
    ),
    tests(
        of: "WebConsole",
        uses: ["KubeModel", "Delivery", "Tenancy", "Fleet", "ConsoleAssets"],
        external: [
            hummingbird, httpTypes, httpClient, nio, nioHTTP1, log,
            .product(name: "HummingbirdTesting", package: "hummingbird"),
        ]
    ),
    tests(of: "ControlPlane", uses: ["KubeModel", "KubeClient", "KubeTesting"], external: [subprocess]),
    .testTarget(name: "PackageTests", swiftSettings: settings),
    .testTarget(
        name: "EndToEndTests",
        dependencies: ["varde", "KubeModel", subprocess],
        exclude: ["Support/faulty_proxy.py"],
        swiftSettings: settings
    ),
]

/// `VARDE_TESTS=DeliveryTests,KubeModelTests` builds only these test targets: a shorter wait while working on one.
let wantedTests = Context.environment["VARDE_TESTS"].map { Set($0.split(separator: ",").map(String.init)) }

let package = Package(
    name: "varde",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "varde", targets: ["varde"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-algorithms.git", from: "1.2.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .target(name: "KubernetesData", exclude: ["files"]),
        .target(name: "ConsoleAssets", exclude: ["files"]),
        module("KubeModel", external: [yaml, algorithms, collections]),
        module(
            "KubeClient",
            uses: ["KubeModel"],
            external: [httpClient, nio, nioPosix, nioTLS, nioHTTP1, subprocess, system, log]
        ),
        module(
            "KubeRuntime",
            uses: ["KubeModel", "KubeClient"],
            external: [log, lifecycle, algorithms, collections]
        ),
        module(
            "KubeServer",
            uses: ["KubernetesData", "KubeModel", "KubeClient", "KubeRuntime"],
            external: [
                sqlite, hummingbird, hummingbirdTLS, httpTypes, nio, nioTLS, x509, asn1, crypto, cryptoExtras,
                jwt, log, lifecycle, algorithms, collections,
            ]
        ),
        module("GitSource", external: [subprocess, system, crypto, log, collections]),
        module(
            "Rendering",
            uses: ["KubeModel", "GitSource"],
            // The HTTP client brings zlib along, which unpacks charts.
            external: [subprocess, system, crypto, log, nio, nioPosix, httpClient]
        ),
        module("Tenancy", uses: ["KubeModel", "KubeClient", "KubeRuntime"], external: [log]),
        module("Fleet", uses: ["KubeModel", "KubeClient", "KubeRuntime"], external: [log]),
        module(
            "Delivery",
            uses: ["KubeModel", "KubeClient", "KubeRuntime", "GitSource", "Rendering"],
            external: [log, lifecycle, algorithms, collections, crypto, sqlite]
        ),
        module(
            "WebConsole",
            uses: ["ConsoleAssets", "KubeModel", "Delivery", "Tenancy", "Fleet"],
            external: [hummingbird, hummingbirdCore, httpTypes, nio, nioPosix, crypto, log, lifecycle]
        ),
        module(
            "ControlPlane",
            uses: [
                "KubeModel", "KubeClient", "KubeRuntime", "KubeServer", "GitSource", "Rendering", "Tenancy",
                "Fleet", "Delivery",
                "WebConsole",
            ],
            external: [log, lifecycle, signals, crypto, system, subprocess]
        ),
        .executableTarget(
            name: "varde",
            dependencies: [
                "ControlPlane", "KubeModel", arguments, httpClient, nio, nioHTTP1, log, lifecycle,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "KubeTesting",
            dependencies: ["KubeModel", "KubeClient", "KubeRuntime", "KubeServer", log],
            path: "Tests/KubeTesting",
            swiftSettings: settings
        ),
    ] + testTargets.filter { wantedTests?.contains($0.name) ?? true }
)
