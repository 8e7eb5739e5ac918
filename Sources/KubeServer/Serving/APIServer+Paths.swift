import KubeModel

/// Paths that are no resources: discovery, schemas, health, version.
extension APIServer {
    func answerPath(
        _ request: ServerRequest,
        _ info: RequestInfo,
        _ user: UserInfo
    ) async throws -> ServerResponse {
        let segments = info.path.split(separator: "/").map(String.init)
        switch segments.first {
        case nil: return answer(rootPaths, Negotiation(request).fallback)
        case "api": return try core(request, segments)
        case "apis": return try groups(request, segments)
        case "version":
            guard segments.count == 1 else { break }
            guard request.method == "GET" else { throw StatusError.methodNotAllowed }
            return answer(version, Negotiation(request).fallback)
        case "healthz", "livez", "readyz": return health(request, segments)
        case "metrics" where segments.count == 1:
            var response = ServerResponse.text(metrics.text(of: store))
            response.contentType = "text/plain; version=0.0.4; charset=utf-8"
            return response
        case "openapi": return try openAPI(request, segments)
        case ".well-known" where segments.count == 2 && segments[1] == "openid-configuration":
            return answer(openIDConfiguration, Representation())
        default: break
        }
        if info.path == "/openid/v1/jwks" {
            var response = answer(try await authenticator.tokens.keySet(), Representation())
            response.contentType = "application/jwk-set+json"
            return response
        }
        return Self.pageNotFound
    }

    private func core(_ request: ServerRequest, _ segments: [String]) throws -> ServerResponse {
        if segments.count == 1 {
            if let response = aggregated(request, documents.aggregatedCore) { return response }
            let addresses: JSON = [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(serverAddress)]]
            return answer(
                ["kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses],
                Negotiation(request).fallback
            )
        }
        guard let list = documents.resources(group: "", version: segments[1]) else {
            throw StatusError.notServed
        }
        return answer(list, Negotiation(request).fallback)
    }

    private func groups(_ request: ServerRequest, _ segments: [String]) throws -> ServerResponse {
        switch segments.count {
        case 1:
            if let response = aggregated(request, documents.aggregatedGroups) { return response }
            return answer(documents.groupList, Negotiation(request).fallback)
        case 2:
            guard let group = documents.group(segments[1]) else {
                return Self.pageNotFound
            }
            return answer(group, Negotiation(request).fallback)
        default:
            guard let list = documents.resources(group: segments[1], version: segments[2]) else {
                guard documents.hasBuiltInGroup(segments[1]) else { return Self.pageNotFound }
                throw StatusError.notServed
            }
            return answer(list, Negotiation(request).fallback)
        }
    }

    /// The aggregated form, where the client's first acceptable clause asks for it.
    private func aggregated(
        _ request: ServerRequest,
        _ document: AggregatedDiscovery.Document
    ) -> ServerResponse? {
        for clause in AcceptClause.parse(request.headers["accept"] ?? "")
        where clause.type == "application/json" || clause.type == "application/yaml" {
            guard let kind = clause.parameters["as"] else { return nil }
            guard kind == "APIGroupDiscoveryList", clause.parameters["g"] == "apidiscovery.k8s.io",
                clause.parameters["v"] == "v2"
            else { continue }
            let etag = document.etag
            if request.headers["if-none-match"] == etag {
                return ServerResponse(
                    status: 304,
                    content: .none,
                    contentType: "",
                    headers: [("ETag", etag), ("Vary", "Accept")]
                )
            }
            return ServerResponse(
                status: 200,
                content: .json(document.json),
                contentType: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
                encoding: .json,
                headers: [("ETag", etag), ("Vary", "Accept")]
            )
        }
        return nil
    }

    // MARK: Facts about the server

    private var rootPaths: JSON {
        let groups = ["/api", "/api/v1", "/apis"] + openAPI.paths.map { "/\($0)" }
        let more =
            [
                "/.well-known/openid-configuration", "/healthz", "/livez", "/openapi/v2", "/openapi/v3",
                "/openapi/v3/",
                "/openid/v1/jwks", "/readyz", "/version",
            ] + HealthChecks.paths
        return ["paths": .array(Set(groups + more).sorted().map(JSON.string))]
    }

    private var openIDConfiguration: JSON {
        [
            "issuer": .string(ServiceAccountTokens.issuer),
            "jwks_uri": .string("https://\(serverAddress)/openid/v1/jwks"),
            "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        ]
    }

    /// What `/version` says of a release such as `v1.36.2`.
    var version: JSON {
        let numbers = kubernetesVersion.drop { !$0.isNumber }.split(separator: ".").map(String.init)
        let major = numbers.first ?? "1"
        let minor = numbers.count > 1 ? numbers[1] : "0"
        let earlier = String(max((Int(minor) ?? 1) - 1, 0))
        return [
            "major": .string(major), "minor": .string(minor), "emulationMajor": .string(major),
            "emulationMinor": .string(minor), "minCompatibilityMajor": .string(major),
            "minCompatibilityMinor": .string(earlier), "gitVersion": .string(kubernetesVersion),
            "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none", "compiler": "swiftc",
            "platform": "linux/amd64",
        ]
    }
}
