import AsyncHTTPClient
import Foundation
import NIOSSL

extension TLSConfiguration {
    /// The TLS settings for an endpoint.
    static func of(
        _ endpoint: ClusterEndpoint,
        certificate: ClusterEndpoint.ClientCertificate?
    ) throws(ClientError)
        -> TLSConfiguration
    {
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            switch endpoint.trust {
            case .system: break
            case .insecure: tls.certificateVerification = .none
            case .authority(let pem): tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(pem))
            }
            if let certificate {
                tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(certificate.certificate).map {
                    .certificate($0)
                }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: certificate.key, format: .pem))
            }
        } catch {
            throw ClientError(
                code: .badConfiguration,
                message: "the certificates for \(endpoint.server) are unusable: \(error)"
            )
        }
        return tls
    }
}

extension ClusterEndpoint {
    /// Makes a client connect to the server under the name in its certificate.
    /// - Returns: What requests' paths are appended to.
    func apply(to configuration: inout HTTPClient.Configuration) throws(ClientError) -> String {
        guard let scheme = ["https://", "http://"].first(where: server.hasPrefix) else {
            throw ClientError(
                code: .badConfiguration,
                message: "the server \"\(server)\" is not an http(s) address"
            )
        }
        configuration.proxy = try proxyConfiguration()
        guard let name = tlsServerName, !name.isEmpty else { return server }
        let rest = server.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let port = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        let host = port.map { authority[..<$0] } ?? authority
        configuration.dnsOverride[name] = String(host).trimmingBrackets
        return
            "\(scheme)\(name)\(port.map { String(authority[$0...]) } ?? "")\(rest.dropFirst(authority.count))"
    }
}

extension ClusterEndpoint {
    private func proxyConfiguration() throws(ClientError) -> HTTPClient.Configuration.Proxy? {
        guard let proxy else { return nil }
        // Never the whole text in a message: it may hold a password.
        func unusable(_ why: String) -> ClientError {
            ClientError(code: .badConfiguration, message: "the proxy-url of \(server) is unusable: \(why)")
        }
        guard let scheme = ["http://", "socks5://"].first(where: proxy.hasPrefix) else {
            throw unusable("it must begin with http:// or socks5://")
        }
        let authority = proxy.dropFirst(scheme.count).prefix { $0 != "/" }
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        let address = parts.last ?? authority
        let colon = address.lastIndex(of: ":").flatMap { address[$0...].contains("]") ? nil : $0 }
        let host = String(colon.map { address[..<$0] } ?? address).trimmingBrackets
        let port =
            colon.map { Int(address[address.index(after: $0)...]) } ?? (scheme == "http://" ? 80 : 1080)
        guard !host.isEmpty, let port else { throw unusable("it needs a host, and a port that is a number") }
        guard scheme == "http://" else { return .socksServer(host: host, port: port) }
        guard parts.count > 1 else { return .server(host: host, port: port) }
        let login = parts[0].split(separator: ":", maxSplits: 1).map {
            String($0).removingPercentEncoding ?? ""
        }
        return .server(
            host: host,
            port: port,
            authorization: .basic(username: login.first ?? "", password: login.count > 1 ? login[1] : "")
        )
    }
}

extension String {
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}

/// Query items in a URL.
enum QueryString {
    static func encode(_ items: [(name: String, value: String)]) -> String {
        items.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
    }

    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// The `Warning` header of HTTP: `299 - "text"`.
enum WarningHeader {
    static func text(of header: String) -> String? {
        guard header.hasPrefix("299 "), let open = header.firstIndex(of: "\"") else { return nil }
        var text = ""
        var isEscaped = false
        for character in header[header.index(after: open)...] {
            if isEscaped {
                text.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return text
            } else {
                text.append(character)
            }
        }
        return nil
    }
}
