package import KubeModel

/// What the pipeline answers, before a front end writes it.
package struct ServerResponse: Sendable {
    package enum Content: Sendable {
        case none
        /// Written in the representation that was negotiated, or handed over as it is within the process.
        case json(JSON)
        /// One object; its bytes are sent as they are, if it has them.
        case object(KubeObject)
        case list(ObjectList)
        case bytes([UInt8])
        case watch(WatchStream)
        case chunks(AsyncStream<[UInt8]>)
    }

    package var status: Int
    package var content: Content
    /// As sent: `application/json;stream=watch`.
    package var contentType: String
    package var encoding: Encoding
    /// Whether members are written in Kubernetes' order rather than by name.
    package var isOrdered = true
    package var headers: [(name: String, value: String)]
    /// Texts for `Warning` headers.
    package var warnings: [String]

    package init(
        status: Int,
        content: Content,
        contentType: String = "application/json",
        encoding: Encoding = .json,
        headers: [(name: String, value: String)] = [],
        warnings: [String] = []
    ) {
        self.status = status
        self.content = content
        self.contentType = contentType
        self.encoding = encoding
        self.headers = headers
        self.warnings = warnings
    }

    /// How a JSON value is written.
    package enum Encoding: Sendable {
        case json, indentedJSON, yaml

        /// - Parameter isOrdered: Objects of custom kinds are written by name, as a map is in Go.
        package func bytes(of value: JSON, isOrdered: Bool) -> [UInt8] {
            let ordered = isOrdered && self != .json ? value.inAPIOrder() : value
            return switch self {
            case .json: value.encoded(order: isOrdered ? .structure : .name) + [UInt8(ascii: "\n")]
            case .indentedJSON: ordered.encoded(indent: 2)
            case .yaml: Array(YAML.text(of: ordered).utf8)
            }
        }
    }

    /// The whole body of an answer that is not a stream.
    var body: [UInt8]? {
        switch content {
        case .bytes(let bytes): bytes
        case .json(let value): encoding.bytes(of: value, isOrdered: isOrdered)
        case .object(let object):
            if encoding == .json, let bytes = object.bytes {
                bytes + [UInt8(ascii: "\n")]
            } else {
                encoding.bytes(of: object.json, isOrdered: isOrdered)
            }
        case .list(let list):
            encoding == .json ? list.bytes() : encoding.bytes(of: list.json, isOrdered: isOrdered)
        case .none, .watch, .chunks: nil
        }
    }

    static func text(_ text: String, status: Int = 200) -> ServerResponse {
        ServerResponse(
            status: status,
            content: .bytes(Array(text.utf8)),
            contentType: "text/plain; charset=utf-8",
            headers: [("X-Content-Type-Options", "nosniff")]
        )
    }

    static func failure(_ error: StatusError, encoding: Encoding = .json) -> ServerResponse {
        var headers: [(name: String, value: String)] = []
        if let seconds = error.details?["retryAfterSeconds"]?.int {
            headers.append(("Retry-After", String(seconds)))
        }
        return ServerResponse(
            status: error.code,
            content: .json(error.json),
            contentType: encoding == .yaml ? "application/yaml" : "application/json",
            encoding: encoding,
            headers: headers
        )
    }
}
