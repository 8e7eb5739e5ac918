import GitSource
import Tenancy
import Testing

@testable import ControlPlane

@Suite("Readers of repositories")
struct RepositoryReadersTests {
    private let url = "https://git.example/apps.git"

    private func tenant(_ name: String, secret: String? = nil, signatures: String? = nil) -> Tenant {
        var tenant = Tenant(name: name, prefixes: [name])
        tenant.repositories = [.init(url: url, branch: "main", root: "env", secret: secret)]
        tenant.signaturesSecret = signatures
        return tenant
    }

    @Test("Tenants without secrets share a mirror; whose credentials or signers are their own has one alone")
    func mirrors() {
        let readers = RepositoryReaders([
            tenant("anne"), tenant("bo"), tenant("kari", secret: "login"),
            tenant("ola", signatures: "signers"),
        ])
        #expect(readers.mirror(of: url, for: "anne") == url)
        #expect(readers.mirror(of: url, for: "bo") == url)
        let own = ["kari", "ola"].map { readers.mirror(of: url, for: $0) }
        #expect(Set(own + [url]).count == 3)
        for name in own {
            #expect(RepositoryLocation(name).url == url)
            #expect(RepositoryLocation(name).display == url)
            #expect(RepositoryLocation(name).identity == RepositoryLocation(url).identity)
        }
    }

    @Test("A tenant without the Secret does not read with another one's, even if it comes first by name")
    func order() {
        for names in [("a", "b"), ("b", "a")] {
            let readers = RepositoryReaders([tenant(names.0, secret: "login"), tenant(names.1)])
            #expect(readers.mirror(of: url, for: "a") == url)
            #expect(readers.mirror(of: url, for: "b") != url)
        }
    }
}
