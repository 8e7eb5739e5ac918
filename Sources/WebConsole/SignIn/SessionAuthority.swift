import Crypto
import HTTPTypes
import Hummingbird

/// Decides who asks: by a token as it is, or by a session that is made from one.
///
/// The owner's token may do everything; people have tokens of their own, of which only digests are known. A cookie holds a
/// digest made with the owner's token, not a token: browsers send cookies to every port of a host. Whoever is no longer among
/// the people, or has another token, has no session any more.
struct SessionAuthority: Sendable {
    /// Whose a token is.
    enum Holder: Sendable, Hashable {
        case owner
        case person(Person)
    }

    private let token: [UInt8]
    private let people: PeopleFile
    private let cookie: String
    private let ownerSession: String

    /// - Parameter instance: Keeps the cookies of consoles on one host apart.
    init(token: String, instance: String, people: PeopleFile = PeopleFile()) {
        self.token = Array(token.utf8)
        self.people = people
        cookie = "varde-\(instance)"
        ownerSession = Self.session(of: .owner, token: self.token)
    }

    /// Takes the same time wherever a text differs from a token.
    func holder(ofToken text: String) -> Holder? {
        let bytes = Array(text.utf8)
        if Self.isEqual(bytes, token) { return .owner }
        let digest = Array(PeopleFile.digest(ofToken: text).utf8)
        return people.people().first { Self.isEqual(Array($0.digest.utf8), digest) }.map { .person($0) }
    }

    func caller(of request: Request) -> Caller? {
        if let field = request.headers[.authorization] {
            let scheme = "bearer "
            guard field.lowercased().hasPrefix(scheme) else { return nil }
            switch holder(ofToken: String(field.dropFirst(scheme.count))) {
            case nil: return nil
            case .owner:
                return Caller(
                    credential: .bearer,
                    person: Self.person(request.headers[.vardePerson]) ?? "token",
                    groups: nil
                )
            case .person(let person):
                return Caller(credential: .bearer, person: person.name, groups: person.groups)
            }
        }
        guard let shown = request.cookies[cookie].map({ Array($0.value.utf8) }) else { return nil }
        if Self.isEqual(shown, Array(ownerSession.utf8)) {
            return Caller(credential: .session, person: "console", groups: nil)
        }
        return people.people().first { Self.isEqual(shown, Array(session(of: .person($0)).utf8)) }
            .map { Caller(credential: .session, person: $0.name, groups: $0.groups) }
    }

    /// The header that signs a browser in.
    func cookieField(for holder: Holder) -> String {
        "\(cookie)=\(session(of: holder)); Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000"
    }
    /// The header that signs a browser out.
    var expiredCookieField: String { "\(cookie)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" }

    private func session(of holder: Holder) -> String {
        holder == .owner ? ownerSession : Self.session(of: holder, token: token)
    }

    private static func session(of holder: Holder, token: [UInt8]) -> String {
        let text =
            switch holder {
            case .owner: "varde console session"
            case .person(let person): "varde console session of \(person.name) with \(person.digest)"
            }
        return HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: token))
            .hexadecimal
    }

    /// A name that a caller with the owner's token gives itself, for the record only.
    private static func person(_ text: String?) -> String? {
        text.flatMap { PeopleFile.isName($0) ? $0 : nil }
    }

    /// Compares digests, so that neither the time nor the length tells where texts differ.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let pairs = zip(SHA256.hash(data: left), SHA256.hash(data: right))
        return pairs.reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
