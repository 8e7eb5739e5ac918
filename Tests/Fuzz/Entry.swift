import Foundation
import KubeModel

/// The entry that libFuzzer calls; built by `scripts/fuzz`, which names the target in `VARDE_FUZZ`.
///
/// The printer columns' paths are of another module than the rest, so they are a target of this program only.
private let name = ProcessInfo.processInfo.environment["VARDE_FUZZ"] ?? "json"
private let target = FuzzTarget(rawValue: name)
private let document: JSON = [
    "metadata": ["name": "a", "labels": ["app.kubernetes.io/name": "web"]],
    "status": [
        "conditions": [["type": "Ready", "status": "True"], ["type": "Synced"]], "list": [1, 2, [3]],
    ],
]

private let schema: Schema? = {
    guard let path = ProcessInfo.processInfo.environment["VARDE_FUZZ_SCHEMAS"],
        let data = FileManager.default.contents(atPath: path),
        let catalog = try? SchemaCatalog(bytes: Array(data))
    else { return nil }
    return catalog.schema(of: GroupVersionKind(apiVersion: "v1", kind: "Pod"))
}()

/// One input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let target else {
        if let path = JSONPath(String(decoding: bytes, as: UTF8.self)) { _ = path.first(in: document) }
        return 0
    }
    do {
        try target.run(bytes, schema: schema)
    } catch {
        fatalError("\(name): \(error)")
    }
    return 0
}

extension String {
    /// As in `KubeServer`, whose other files are not part of this program.
    var trimmed: String { trimmingCharacters(in: CharacterSet(charactersIn: " \t\r\n")) }
}
