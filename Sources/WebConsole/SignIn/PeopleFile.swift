import Crypto
import Foundation
import KubeModel
import Synchronization

/// Somebody with a token of their own.
struct Person: Sendable, Hashable {
    var name: String
    /// What tenants know them by.
    var groups: Set<String>
    /// SHA-256 of the token, in hexadecimal digits.
    var digest: String
}

/// The people who may sign in beside the owner: a file that is read again when it was changed.
///
/// A file that cannot be read leaves those who were known; a file that is gone leaves nobody.
package final class PeopleFile: Sendable {
    private struct Known {
        var stamp: Stamp?
        var people: [Person] = []
    }

    private struct Stamp: Hashable { var modified: Date, size: UInt64, node: UInt64 }

    private let path: String?
    private let known = Mutex(Known())

    /// - Parameter path: `nil` for nobody.
    package init(path: String? = nil) { self.path = path }

    func people() -> [Person] {
        guard let path else { return [] }
        let stamp = Self.stamp(of: path)
        return known.withLock { known in
            guard known.stamp != stamp else { return known.people }
            known.stamp = stamp
            guard stamp != nil else {
                known.people = []
                return []
            }
            // What does not parse is as good as not written yet: the last that did still holds.
            if let data = try? Data(contentsOf: URL(filePath: path)), let people = Self.parse([UInt8](data)) {
                known.people = people
            }
            return known.people
        }
    }

    /// `{"people": [{"name", "groups", "tokenSHA256"}]}`, as JSON or YAML; an entry that lacks something is passed over.
    static func parse(_ bytes: [UInt8]) -> [Person]? {
        guard let documents = try? YAML.documents(bytes), documents.count <= 1 else { return nil }
        guard let file = documents.first?.value else { return [] }
        guard let entries = file["people"]?.array else { return nil }
        return entries.compactMap { entry in
            guard let name = entry["name"]?.string, isName(name),
                let digest = entry["tokenSHA256"]?.string?.lowercased(), digest.utf8.count == 64,
                digest.allSatisfy(\.isHexDigit)
            else { return nil }
            let groups = entry["groups"]?.array?.compactMap(\.string) ?? []
            return Person(name: name, groups: Set(groups), digest: digest)
        }
    }

    /// What is kept of a token.
    package static func digest(ofToken token: String) -> String {
        SHA256.hash(data: Array(token.utf8)).hexadecimal
    }

    /// Short and printable: it stands in records and commit messages.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
    }

    private static func stamp(of path: String) -> Stamp? {
        // A file that is not there is the usual case.
        guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        return Stamp(
            modified: found[.modificationDate] as? Date ?? .distantPast,
            size: (found[.size] as? NSNumber)?.uint64Value ?? 0,
            node: (found[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
        )
    }
}
