import Foundation
import KubeModel
import WebConsole

/// `DIR/people.json`: who may sign in to the console beside the owner of its token, written by `varde person`.
///
/// A running `varde up` notices a change at the next request.
package struct PeopleList: Sendable {
    package struct Entry: Sendable, Hashable {
        package var name: String
        package var groups: [String]
    }

    private let directory: DataDirectory

    /// - Parameter directory: Made if it is missing.
    package init(directory: String) throws { self.directory = try DataDirectory(directory) }

    package func entries() throws -> [Entry] {
        try read().map { entry in
            Entry(
                name: entry["name"]?.string ?? "",
                groups: entry["groups"]?.array?.compactMap(\.string) ?? []
            )
        }
    }

    /// Adds somebody, or gives who is known other groups and another token.
    ///
    /// - Returns: The token, which is kept nowhere.
    package func add(_ name: String, groups: [String]) throws -> String {
        guard PeopleFile.isName(name) else {
            throw UpError(
                code: .badConfiguration,
                message: "\"\(name)\" cannot be a name: up to 64 letters of ASCII without spaces."
            )
        }
        let token = DataDirectory.randomSecret()
        let others = try read().filter { $0["name"]?.string != name }
        let entry: JSON = [
            "name": .string(name), "groups": .array(groups.map { .string($0) }),
            "tokenSHA256": .string(PeopleFile.digest(ofToken: token)),
        ]
        try write(others + [entry])
        return token
    }

    /// - Returns: Whether there was somebody of that name.
    package func remove(_ name: String) throws -> Bool {
        let all = try read()
        let others = all.filter { $0["name"]?.string != name }
        if others.count < all.count { try write(others) }
        return others.count < all.count
    }

    private func read() throws -> [JSON] {
        guard FileManager.default.fileExists(atPath: directory.people) else { return [] }
        let data = try Data(contentsOf: URL(filePath: directory.people))
        guard let people = (try? JSON.parse([UInt8](data)))?["people"]?.array else {
            throw UpError(
                code: .badConfiguration,
                message:
                    "\(directory.people) is not `{\"people\": […]}`: mend it, or remove it to begin anew."
            )
        }
        return people
    }

    private func write(_ people: [JSON]) throws {
        let file: JSON = ["people": .array(people)]
        try directory.write(
            String(decoding: file.encoded(indent: 2), as: UTF8.self) + "\n",
            to: directory.people
        )
    }
}
