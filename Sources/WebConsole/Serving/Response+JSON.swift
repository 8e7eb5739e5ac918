import HTTPTypes
import Hummingbird
import KubeModel
import NIOCore

extension Response {
    /// A JSON answer that no cache keeps.
    init(_ json: JSON, status: HTTPResponse.Status = .ok) {
        self.init(json: json.encoded(), status: status)
    }

    /// A JSON answer that is encoded already.
    init(json bytes: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    init(_ error: ConsoleError) {
        self.init(error.answer, status: error.code.status)
        switch error.code {
        case .signInNeeded: headers[.wwwAuthenticate] = #"Bearer realm="varde""#
        case .tooMany: headers[.retryAfter] = "5"
        default: break
        }
    }

    /// Plain text.
    init(text: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
