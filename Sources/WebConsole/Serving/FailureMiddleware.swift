import Hummingbird
import Logging

/// Turns every failure into the JSON that docs/api.md promises.
struct FailureMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: ConsoleContext,
        next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as CancellationError {
            throw error
        } catch {
            if let told = ConsoleError(error) { return Response(told) }
            context.logger.error(
                "a request failed",
                metadata: ["path": "\(request.uri.path)", "error": "\(error)"]
            )
            return Response(ConsoleError(.failed, "Varde could not answer this; its log says why."))
        }
    }
}
