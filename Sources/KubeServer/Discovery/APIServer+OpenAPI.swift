import KubeModel

/// The schemas of everything that is served, for clients that check or explain before they ask.
extension APIServer {
    func openAPI(_ request: ServerRequest, _ segments: [String]) throws -> ServerResponse {
        guard segments.count > 1 else { return Self.pageNotFound }
        if segments[1] == "v2", segments.count == 2 { return swagger(request) }
        guard segments[1] == "v3" else { return Self.pageNotFound }
        if segments.count == 2 {
            return cached(openAPI.index.encoded(), request, contentType: "text/plain; charset=utf-8")
        }
        let path = segments[2...].joined(separator: "/")
        guard let document = openAPI.document(path) else { return Self.pageNotFound }
        guard let wanted = request.parameter("hash"), !wanted.isEmpty else {
            return cached(document.bytes, hash: document.hash, request, contentType: "application/json")
        }
        if wanted != document.hash {
            let location = "/openapi/v3/\(path)?hash=\(document.hash)"
            return ServerResponse(status: 301, content: .none, headers: [("Location", location)])
        }
        var response = cached(document.bytes, hash: document.hash, request, contentType: "application/json")
        response.headers.append(("Cache-Control", "public, immutable"))
        return response
    }

    /// The old form.
    ///
    /// As protocol buffers there is only its head: clients that want those leave the checking to the server.
    private func swagger(_ request: ServerRequest) -> ServerResponse {
        let accepted = AcceptClause.parse(request.headers["accept"] ?? "").first?.type ?? ""
        guard accepted.contains("proto-openapi.spec.v2") else {
            let document = openAPI.swagger
            return cached(document.bytes, hash: document.hash, request, contentType: "application/json")
        }
        var info = ProtobufWriter()
        info.write(1, "Kubernetes")
        info.write(2, version["gitVersion"]?.string ?? "")
        var document = ProtobufWriter()
        document.write(1, "2.0")
        document.write(2, info.bytes)
        return cached(
            document.bytes,
            request,
            contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
        )
    }

    /// Bytes that can be revalidated by their hash.
    private func cached(
        _ bytes: [UInt8],
        hash: String? = nil,
        _ request: ServerRequest,
        contentType: String
    ) -> ServerResponse {
        let etag = "\"\(hash ?? DiscoveryDocuments.hash(of: bytes))\""
        let headers = [(name: "ETag", value: etag), (name: "Vary", value: "Accept")]
        if request.headers["if-none-match"] == etag {
            return ServerResponse(status: 304, content: .none, contentType: "", headers: headers)
        }
        return ServerResponse(status: 200, content: .bytes(bytes), contentType: contentType, headers: headers)
    }
}
