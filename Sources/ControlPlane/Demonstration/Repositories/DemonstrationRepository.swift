/// A repository of the demonstration, as the commits that make it.
package struct DemonstrationRepository: Sendable, Hashable {
    /// A commit, with the whole content of every file that it adds or changes.
    package struct Commit: Sendable, Hashable {
        package var author: Person
        /// The first day of the history is 0; commits are at office hours.
        package var day: Int
        package var message: String
        package var files: [String: String]
        package var removed: [String]

        init(
            _ author: Person,
            day: Int,
            _ message: String,
            files: [String: String] = [:],
            removed: [String] = []
        ) {
            self.author = author
            self.day = day
            self.message = message
            self.files = files
            self.removed = removed
        }
    }

    /// Someone who commits; invented.
    package struct Person: Sendable, Hashable {
        package var name: String
        package var email: String

        init(_ name: String, _ user: String) {
            self.name = name
            email = "\(user)@kart.example"
        }

        static let astrid = Person("Astrid Lund", "astrid.lund")
        static let bjorn = Person("Bjørn Haugen", "bjorn.haugen")
        static let henrik = Person("Henrik Dahl", "henrik.dahl")
        static let ingrid = Person("Ingrid Solberg", "ingrid.solberg")
        static let jonas = Person("Jonas Berg", "jonas.berg")
        static let mariam = Person("Mariam Ahmed", "mariam.ahmed")
        static let sunniva = Person("Sunniva Moen", "sunniva.moen")
        static let tor = Person("Tor Nilsen", "tor.nilsen")
    }

    /// The directory's name, with `.git`.
    package var name: String
    package var commits: [Commit]

    /// The files after the last commit.
    package var files: [String: String] {
        commits.reduce(into: [:]) { files, commit in
            for path in commit.removed { files[path] = nil }
            files.merge(commit.files) { _, new in new }
        }
    }
}

extension [String: String] {
    /// These files and others; a path that is in both is the other's.
    static func + (left: Self, right: Self) -> Self { left.merging(right) { _, new in new } }
}
