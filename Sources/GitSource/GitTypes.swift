/// A Git object id, 40 or 64 hexadecimal digits.
package struct ObjectID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let hex: String
    package init(_ hex: String) { self.hex = hex }
    package var description: String { hex }
    /// The first seven digits, for people.
    package var short: String { String(hex.prefix(7)) }
    package static func < (left: Self, right: Self) -> Bool { left.hex < right.hex }
}

/// What a commit says of itself.
package struct Commit: Sendable, Hashable {
    package var id: ObjectID
    package var tree: ObjectID
    package var author: String
    package var email: String
    /// Seconds since 1970.
    package var time: Int
    /// The first line of the message.
    package var subject: String
    package var message: String
    /// The commits it was made from; none for the first one.
    package var parents: [ObjectID] = []

    package init(
        id: ObjectID,
        tree: ObjectID,
        author: String,
        email: String,
        time: Int,
        subject: String,
        message: String
    ) {
        self.id = id
        self.tree = tree
        self.author = author
        self.email = email
        self.time = time
        self.subject = subject
        self.message = message
    }
}

/// An entry of a tree.
package struct TreeEntry: Sendable, Hashable {
    package enum Kind: Sendable { case file, executable, symlink, directory, submodule }
    /// Relative to the listed directory, with `/`.
    package var path: String
    package var kind: Kind
    package var id: ObjectID

    package init(path: String, kind: Kind, id: ObjectID) {
        self.path = path
        self.kind = kind
        self.id = id
    }
}

/// Why a repository cannot be read.
package struct GitError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        case unreachable, authenticationFailed, notARepository, noSuchBranch, noSuchObject, tooLarge,
            toolFailed, timedOut
        /// The server is still waited for.
        case unanswered
        /// The server's certificate is not good.
        case untrusted
        /// Nobody who is trusted has signed it.
        case unverified
        /// The mirror cannot be written: there is no space.
        case diskFull
        /// The server sends to another address.
        case redirected
        /// Two histories change the same lines.
        case conflict
    }
    package var code: Code
    /// A sentence for a person, with git's own words where they help; never contains credentials.
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
    package var isRetryable: Bool {
        code == .unreachable || code == .timedOut || code == .toolFailed || code == .diskFull
            || code == .untrusted
    }
}
