import Crypto
import FoundationEssentials
import GitSource

/// What tools made with something from elsewhere, kept by what they made it of.
///
/// The same files of a commit give the same objects after a restart, too, whatever became of the other server.
struct FetchedOutputs: Sendable {
    let directory: String

    /// Bytes of all of them together; the oldest go first.
    private static let limit = 256 << 20

    /// The name of a result: everything that it depends on and that is known here.
    static func name(of job: RenderJob) -> String {
        let key = job.key
        var parts = [
            key.tool.rawValue, key.path, key.namespace, key.clusterName, key.capabilities?.kubeVersion ?? "",
            key.capabilities?.apiVersions.joined(separator: ",") ?? "", "\(job.source.helm)",
        ]
        parts += key.inputs.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value.hex] }
        var hash = SHA256()
        for part in parts { hash.update(data: Data("\(part.utf8.count) \(part)".utf8)) }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    subscript(name: String) -> [UInt8]? {
        // What cannot be read is fetched again.
        (try? Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"))).map(Array.init)
    }

    /// Keeps a result; one that cannot be written is fetched again after a restart.
    func keep(_ output: [UInt8], as name: String) {
        let files = FileManager.default
        try? files.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try? Data(output).write(to: URL(fileURLWithPath: "\(directory)/\(name)"), options: .atomic)
        trim()
    }

    private func trim() {
        let files = FileManager.default
        var known: [(path: String, size: Int, time: Date)] = []
        for name in (try? files.contentsOfDirectory(atPath: directory)) ?? [] {
            let path = "\(directory)/\(name)"
            guard let attributes = try? files.attributesOfItem(atPath: path) else { continue }
            let size = (attributes[.size] as? any BinaryInteger).map { Int($0) } ?? 0
            known.append((path, size, attributes[.modificationDate] as? Date ?? .distantPast))
        }
        var total = known.reduce(0) { $0 + $1.size }
        for file in known.sorted(by: { $0.time < $1.time }) where total > Self.limit {
            try? files.removeItem(atPath: file.path)  // In the way of itself only.
            total -= file.size
        }
    }
}
