package import KubeModel

/// Sets right what server-side apply alone cannot: a list whose elements have keys, where somebody changed the key of one.
///
/// Apply would put the manifest's element beside the changed one, and the server refuses both together: two ports of one
/// name.
package enum ListRepair {
    /// A merge patch that makes the refused lists as the manifest has them; `nil` when no list of the manifest was refused,
    /// or all are so already.
    package static func patch(for error: StatusError, desired: KubeObject, live: KubeObject) -> JSON? {
        var patch: JSON = [:]
        for cause in error.details?["causes"]?.array ?? [] {
            guard let field = cause["field"]?.string, let bracket = field.firstIndex(of: "[") else {
                continue
            }
            let path = field[..<bracket].split(separator: ".").map(String.init)
            guard let wanted = desired.json.at(path), wanted.array != nil,
                let present = live.json.at(path)?.array, wanted.array?.count == present.count
            else { continue }
            patch.set(wanted, at: path)
        }
        return patch.object?.isEmpty == false ? patch : nil
    }
}
