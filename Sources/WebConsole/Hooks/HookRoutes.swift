import HTTPTypes
import Hummingbird
import KubeModel

/// Takes note of pushes.
///
/// Where a repository's tenant has a secret for webhooks, only those that are signed with it count; what may be read is
/// decided elsewhere.
///
/// It answers before anything is looked at: the notes wait in a bounded queue that ``perform()`` works off.
final class HookRoutes: Sendable {
    private let backend: any ConsoleBackend
    private let limit: RateLimit
    private let notes: AsyncStream<[String]>
    private let continuation: AsyncStream<[String]>.Continuation

    private static let largestBody = 4 << 20

    init(backend: any ConsoleBackend, limit: RateLimit = RateLimit(burst: 30, perSecond: 5)) {
        self.backend = backend
        self.limit = limit
        (notes, continuation) = AsyncStream.makeStream(
            of: [String].self,
            bufferingPolicy: .bufferingOldest(64)
        )
    }

    func add(to router: Router<ConsoleContext>) {
        router.post("/hooks/git") { [self] request, _ in
            let body = try await request.body.collect(upTo: Self.largestBody)
            let repositories = WebhookBody(body.readableBytesView).repositories
            let secrets = backend.webhookSecrets(of: repositories)
            let signature = WebhookSignature(request.headers)
            let isSigned = secrets.contains { signature.fits(body.readableBytesView, secret: $0) }
            // Those who know a secret are not kept waiting by those who do not.
            guard isSigned || limit.admits() else {
                throw ConsoleError(.tooMany, "Too many webhooks at once; repositories are polled as well.")
            }
            if !isSigned, Self.isBitbucketTest(request.headers) { return Response([:], status: .accepted) }
            guard isSigned || secrets.isEmpty else {
                throw ConsoleError(
                    .signInNeeded,
                    "This webhook is not signed with the secret that the repository's tenant has for it."
                )
            }
            // A full queue means that what is pushed now is looked at soon anyway.
            continuation.yield(repositories)
            return Response([:], status: .accepted)
        }
    }

    /// Bitbucket Server's trial of the connection, which it does not sign: nothing follows from it.
    private static func isBitbucketTest(_ headers: HTTPFields) -> Bool {
        HTTPField.Name("X-Event-Key").map { headers[$0] == "diagnostics:ping" } ?? false
    }

    /// Looks at what was pushed, until cancelled.
    func perform() async {
        for await repositories in notes {
            if repositories.isEmpty { await backend.poke(repository: nil) }
            for repository in repositories { await backend.poke(repository: repository) }
        }
    }
}
