import Foundation
import KubeModel
import Testing

@testable import ControlPlane

@Suite("The data directory")
struct DataDirectoryTests {
    /// A directory that is removed when the test ends.
    private func withDirectory(_ body: (DataDirectory) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "varde-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: path) }
        try body(DataDirectory(path.path(percentEncoded: false)))
    }

    @Test("A second process on the same directory is told who holds it")
    func lock() throws {
        try withDirectory { (directory) throws in
            let lock = try DataDirectoryLock(directory)
            let error = #expect(throws: UpError.self) { try DataDirectoryLock(directory) }
            #expect(error?.code == .alreadyRunning)
            #expect(error?.message.contains("process \(getpid())") == true)
            withExtendedLifetime(lock) {}
        }
    }

    @Test("A secret is made once, long, and readable by its owner only")
    func secret() throws {
        try withDirectory { (directory) throws in
            let secret = try directory.secret(in: directory.consoleToken)
            #expect(secret.count == 64)
            #expect(try directory.secret(in: directory.consoleToken) == secret)
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.consoleToken)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("What a directory was started with is what it is started with again, until told otherwise")
    func choice() throws {
        try withDirectory { (directory) throws in
            typealias Platform = UpConfiguration.Platform
            func resolve(_ wanted: Platform?, otherwise: Platform = .demonstration) throws -> Platform {
                try Platform.resolve(wanted, otherwise: otherwise, in: directory)
            }
            #expect(try resolve(nil) == .demonstration)
            #expect(try resolve(.empty) == .empty)
            #expect(try resolve(nil) == .empty)
            #expect(try resolve(.url("/srv/p.git")) == .url("/srv/p.git"))
            #expect(try resolve(nil, otherwise: .empty) == .url("/srv/p.git"))
        }
    }

    @Test("The kubeconfig has one context per cluster, the admin cluster's first and current")
    func kubeconfig() throws {
        func entry(_ name: String, _ server: String) -> KubeconfigFile.Entry {
            .init(
                name: name,
                server: server,
                certificateAuthority: "CA of \(name)",
                token: name,
                certificate: "PEM",
                key: "KEY"
            )
        }
        let file = KubeconfigFile(
            entries: [
                entry("dev", "https://127.0.0.1:6444"), entry("admin", "https://127.0.0.1:6443"),
            ]
        )
        let config = try #require(try YAML.documents(Array(file.text.utf8)).first).value
        #expect(config["current-context"]?.string == "admin")
        #expect(config["contexts"]?.array?.map { $0["name"]?.string } == ["admin", "dev"])
        let dev = config["clusters"]?[1]?["cluster"]
        #expect(dev?["server"]?.string == "https://127.0.0.1:6444")
        let authority = Data("CA of dev".utf8).base64EncodedString()
        #expect(dev?["certificate-authority-data"]?.string == authority)
        #expect(config["users"]?[1]?.at("user", "client-certificate-data")?.string == "UEVN")
    }
}
