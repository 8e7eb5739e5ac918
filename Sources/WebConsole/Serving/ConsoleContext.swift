package import Hummingbird
import NIOCore

/// What is known of one request while it is answered.
package struct ConsoleContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Set once the caller has shown a token or a session made from one.
    var caller: Caller?
    /// What the caller may see and do.
    var sight = Sight.nothing

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}

/// Who asks, and by what right.
struct Caller: Sendable, Hashable {
    enum Credential: Sendable, Hashable { case bearer, session }

    var credential: Credential
    /// The name under which actions are recorded.
    var person: String
    /// `nil` for the owner, who needs none.
    var groups: Set<String>?
}
