import ArgumentParser
import ControlPlane

/// `[NAME=]FILE[@CONTEXT]`.
struct AddedClusterArgument: ExpressibleByArgument, Sendable {
    var cluster: UpConfiguration.AddedCluster

    init?(argument: String) {
        var rest = argument[...]
        var name: String?
        if let equals = rest.firstIndex(of: "="), !rest[..<equals].contains("/") {
            name = String(rest[..<equals])
            rest = rest[rest.index(after: equals)...]
        }
        var context: String?
        // Contexts may contain an @ themselves (`admin@prod`): the first one after the file's last slash counts.
        let file = rest.lastIndex(of: "/").map { rest[$0...] } ?? rest
        if let at = file.firstIndex(of: "@") {
            context = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        guard !rest.isEmpty, name?.isEmpty != true, context?.isEmpty != true else { return nil }
        cluster = UpConfiguration.AddedCluster(name: name, path: String(rest), context: context)
    }
}
