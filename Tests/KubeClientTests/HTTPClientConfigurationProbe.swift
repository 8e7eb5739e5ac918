import AsyncHTTPClient

@testable import KubeClient

/// Shows what an endpoint does to a client's configuration.
struct HTTPClientConfigurationProbe {
    private var configuration = HTTPClient.Configuration()

    mutating func apply(_ endpoint: ClusterEndpoint) throws -> String {
        try endpoint.apply(to: &configuration)
    }

    var override: [String: String] { configuration.dnsOverride }
}
