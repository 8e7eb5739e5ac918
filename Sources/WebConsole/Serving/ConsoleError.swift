import Delivery
import HTTPTypes
import Hummingbird
import KubeModel

/// A request that cannot be answered, as the caller is told.
struct ConsoleError: Error, Sendable {
    enum Code: String, Sendable {
        case badRequest, signInNeeded, forbidden, notFound, notAllowed, conflict, tooLarge, tooMany, failed,
            unavailable

        var status: HTTPResponse.Status {
            switch self {
            case .badRequest: .badRequest
            case .signInNeeded: .unauthorized
            case .forbidden: .forbidden
            case .notFound: .notFound
            case .notAllowed: .methodNotAllowed
            case .conflict: .conflict
            case .tooLarge: .contentTooLarge
            case .tooMany: .tooManyRequests
            case .failed: .internalServerError
            case .unavailable: .serviceUnavailable
            }
        }
    }

    var code: Code
    var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What the caller is told of any failure; `nil` for one whose text is not meant for callers.
    init?(_ error: any Error) {
        switch error {
        case let error as ConsoleError: self = error
        case let error as DeliveryError: self.init(Self.code(of: error), error.finding.message)
        case let error as StatusError: self.init(Self.code(of: error), error.message)
        case let error as any HTTPResponseError:
            self.init(Self.code(of: error.status), "\(error.status.code) \(error.status.reasonPhrase)")
        default: return nil
        }
    }

    private static func code(of error: DeliveryError) -> Code {
        switch error.finding.code {
        case .clusterUnreachable, .sourceUnreadable: .unavailable
        case .unknownCluster: .notFound
        case .refused, .outsidePrefix: .forbidden
        case .settingsInvalid, .renderFailed, .unknownKind: .badRequest
        default: error.isRetryable ? .unavailable : .conflict
        }
    }

    private static func code(of error: StatusError) -> Code {
        error.isRetryable && error.code != 409 ? .unavailable : code(of: .init(code: error.code))
    }

    private static func code(of status: HTTPResponse.Status) -> Code {
        switch status.code {
        case 401: .signInNeeded
        case 403: .forbidden
        case 404, 410: .notFound
        case 405: .notAllowed
        case 409: .conflict
        case 413: .tooLarge
        case 429: .tooMany
        case 503: .unavailable
        case 400..<500: .badRequest
        default: .failed
        }
    }

    var answer: JSON {
        ["error": ["code": .string(code.rawValue), "message": .string(message)]]
    }
}
