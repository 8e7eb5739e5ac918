import Crypto
import HTTPTypes
import Hummingbird

/// Decides who may ask, by one secret: as a bearer token, or as a session that is made from it.
///
/// The cookie holds a digest of the token, not the token: browsers send cookies to every port of a host.
struct SessionAuthority: Sendable {
    private let token: [UInt8]
    private let session: String
    private let cookie: String

    /// - Parameter instance: Keeps the cookies of consoles on one host apart.
    init(token: String, instance: String) {
        self.token = Array(token.utf8)
        let digest = HMAC<SHA256>.authenticationCode(
            for: Array("varde console session".utf8),
            using: SymmetricKey(data: self.token)
        )
        session = digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        cookie = "varde-\(instance)"
    }

    /// Whether a text is the token; takes the same time wherever they differ.
    func accepts(token text: String) -> Bool { Self.isEqual(Array(text.utf8), token) }

    func caller(of request: Request) -> Caller? {
        if let field = request.headers[.authorization] {
            let scheme = "bearer "
            guard field.lowercased().hasPrefix(scheme), accepts(token: String(field.dropFirst(scheme.count)))
            else {
                return nil
            }
            return Caller(credential: .bearer, person: Self.person(request.headers[.vardePerson]) ?? "token")
        }
        guard let cookie = request.cookies[cookie],
            Self.isEqual(Array(cookie.value.utf8), Array(session.utf8))
        else {
            return nil
        }
        return Caller(credential: .session, person: "console")
    }

    /// The header that signs a browser in.
    var cookieField: String { "\(cookie)=\(session); Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000" }
    /// The header that signs a browser out.
    var expiredCookieField: String { "\(cookie)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" }

    /// A name that a caller with the token gives itself: short, printable, for the record only.
    private static func person(_ text: String?) -> String? {
        guard let text, !text.isEmpty, text.utf8.count <= 64 else { return nil }
        return text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F } ? text : nil
    }

    /// Compares digests, so that neither the time nor the length tells where texts differ.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let pairs = zip(SHA256.hash(data: left), SHA256.hash(data: right))
        return pairs.reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
