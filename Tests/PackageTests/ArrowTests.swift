import Testing

/// The arrows of docs/architecture.md, and where the technologies may be touched.
struct Arrows {
    /// Target → the targets of this package that it may import.
    ///
    /// Nothing points up.
    static let allowed: [String: Set<String>] = [
        "KubernetesData": [],
        "ConsoleAssets": [],
        "KubeModel": [],
        "KubeClient": ["KubeModel"],
        "KubeRuntime": ["KubeModel", "KubeClient"],
        "KubeServer": ["KubernetesData", "KubeModel", "KubeClient", "KubeRuntime"],
        "GitSource": [],
        "Rendering": ["KubeModel", "GitSource"],
        "Tenancy": ["KubeModel", "KubeClient", "KubeRuntime"],
        "Fleet": ["KubeModel", "KubeClient", "KubeRuntime"],
        "Delivery": ["KubeModel", "KubeClient", "KubeRuntime", "GitSource", "Rendering"],
        "WebConsole": ["ConsoleAssets", "KubeModel", "Delivery", "Tenancy", "Fleet"],
        "ControlPlane": [
            "KubeModel", "KubeClient", "KubeRuntime", "KubeServer", "GitSource", "Rendering", "Tenancy",
            "Fleet", "Delivery",
            "WebConsole",
        ],
        "varde": ["ControlPlane", "KubeModel"],
        "kube-dev": ["KubeModel", "KubeClient", "KubeRuntime", "KubeServer"],
    ]

    /// A technology's modules → the places that speak to it; a place is a target or a folder of one.
    static let adapters: [(technology: Set<String>, places: [String])] = [
        (
            ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTP2", "NIOSSL", "NIOFoundationCompat"],
            ["KubeClient", "KubeServer", "WebConsole", "Rendering/Network", "varde/Connection"]
        ),
        (["CNIOExtrasZlib"], ["KubeServer/Serving", "WebConsole/Serving", "Rendering/Files"]),
        (["AsyncHTTPClient"], ["KubeClient", "varde/Connection"]),
        (["Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HTTPTypes"], ["KubeServer", "WebConsole"]),
        (["GRDB", "SQLite3"], ["KubeServer/Storage", "Delivery/Records"]),
        (["Subprocess"], ["KubeClient", "GitSource", "Rendering"]),
        (["Yams", "CYaml"], ["KubeModel"]),
        (["X509", "SwiftASN1", "JWTKit"], ["KubeServer"]),
        (["ArgumentParser"], ["varde"]),
    ]

    static func violations(in tree: SourceTree) -> [String] {
        tree.files.flatMap { file in
            file.imports.compactMap { module in
                if let arrows = allowed[file.target], allowed[module] != nil, module != file.target,
                    !arrows.contains(module)
                {
                    return "\(file.path) imports \(module): no such arrow"
                }
                for (technology, places) in adapters where technology.contains(module) {
                    let isPlace = places.contains { file.path.hasPrefix("Sources/\($0)/") }
                    if !isPlace {
                        return
                            "\(file.path) imports \(module), which belongs in \(places.joined(separator: ", "))"
                    }
                }
                return nil
            }
        }
    }
}

@Suite("The arrows of the house")
struct ArrowTests {
    @Test("No target imports one that is not below it, and technologies stay in their adapters")
    func arrows() throws {
        let violations = Arrows.violations(in: try SourceTree.read("Sources"))
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
    }

    @Test("Every target of the package is in the list of arrows")
    func everyTarget() throws {
        let targets = Set(try SourceTree.read("Sources").files.map(\.target))
        #expect(targets.subtracting(Arrows.allowed.keys).isEmpty)
    }

    @Test(
        "The checker notices an arrow that points up and a technology out of place",
        arguments: [
            ("Sources/KubeModel/A.swift", "import KubeServer"),
            ("Sources/KubeModel/A.swift", "import KubeModel\npackage import KubeClient\n"),
            ("Sources/Delivery/A.swift", "import KubeServer"),
            ("Sources/Delivery/A.swift", "internal import Hummingbird"),
            ("Sources/Tenancy/A.swift", "@preconcurrency import NIOCore"),
            ("Sources/KubeServer/Controllers/A.swift", "import GRDB"),
            ("Sources/varde/Commands/A.swift", "import struct AsyncHTTPClient.HTTPClientRequest"),
        ]
    )
    func checkerFails(path: String, text: String) {
        #expect(Arrows.violations(in: SourceTree(path, text)).count == 1)
    }

    @Test("The checker accepts the arrows that are there")
    func checkerPasses() {
        let text = "// import KubeServer\nimport KubeModel\npackage import Rendering\n"
        #expect(Arrows.violations(in: SourceTree("Sources/Delivery/A.swift", text)).isEmpty)
    }
}
