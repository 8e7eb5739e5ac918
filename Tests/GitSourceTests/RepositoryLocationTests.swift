import Testing

@testable import GitSource

@Suite struct RepositoryLocationTests {
    @Test(
        "The forms of one repository's URL are recognised as one",
        arguments: [
            "https://github.com/Team/Apps.git", "https://user:token@github.com/team/apps",
            "git@github.com:team/apps.git",
            "ssh://git@github.com/team/apps.git", "ssh://git@github.com:22/team/apps/",
        ]
    )
    func identity(url: String) {
        #expect(RepositoryLocation(url).identity == "github.com/team/apps")
    }

    @Test("Paths and file URLs are local, the rest is not")
    func localPath() {
        #expect(RepositoryLocation("/srv/git/../a.git/").localPath == "/srv/a.git")
        #expect(RepositoryLocation("file:///srv/my%20repo.git").localPath == "/srv/my repo.git")
        #expect(RepositoryLocation("./a:b").localPath?.hasSuffix("/a:b") == true)
        #expect(RepositoryLocation("git@host:path").localPath == nil)
        #expect(RepositoryLocation("https://host/path").localPath == nil)
    }

    @Test("Credentials are taken out of any text")
    func redaction() {
        let location = RepositoryLocation("https://bot:p4ss@host/r.git")
        #expect(location.display == "https://host/r.git")
        #expect(!location.redacting("fatal: https://bot:p4ss@host/r.git: p4ss, bot:p4ss@x").contains("p4ss"))
    }
}
