package import Hummingbird
import NIOCore

/// What is known of one request while it is answered.
package struct ConsoleContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Set once the caller has shown the token or a session made from it.
    var caller: Caller?

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
}
