import Tenancy
import Testing

@Suite("Prefixes")
struct PrefixTests {
    @Test("A prefix owns its own name and what follows a hyphen, nothing else")
    func boundaries() {
        var trie = PrefixTrie()
        trie.insert("kart", owner: "maps")
        #expect(trie.owner(of: "kart")?.owner == "maps")
        #expect(trie.owner(of: "kart-web")?.owner == "maps")
        #expect(trie.owner(of: "kart-web-2")?.prefix == "kart")
        #expect(trie.owner(of: "kartverket") == nil)
        #expect(trie.owner(of: "kar") == nil)
        #expect(trie.owner(of: "web-kart") == nil)
        #expect(trie.owner(of: "") == nil)
    }

    @Test("Where prefixes nest, the longest owns")
    func longest() {
        var trie = PrefixTrie()
        trie.insert("kart", owner: "maps")
        trie.insert("kart-sea", owner: "sea")
        #expect(trie.owner(of: "kart-sea-web")?.owner == "sea")
        #expect(trie.owner(of: "kart-seal")?.owner == "maps")
    }

    @Test("The second of two overlapping tenants is refused, whichever way they are listed")
    func overlap() {
        var first = Tenant(name: "maps", prefixes: ["kart"])
        first.createdAt = "2026-01-01T00:00:00Z"
        var second = Tenant(name: "sea", prefixes: ["kart-sea"])
        second.createdAt = "2026-01-02T00:00:00Z"
        for declared in [[first, second], [second, first]] {
            let directory = TenantDirectory(declared: declared)
            #expect(directory.tenants.keys.sorted() == ["maps"])
            #expect(directory.refused["sea"]?.code == .prefixOverlap)
            #expect(directory.refused["sea"]?.message.contains("of tenant maps") == true)
        }
    }

    @Test("A shorter prefix that would take in an older, longer one is refused")
    func around() {
        var first = Tenant(name: "sea", prefixes: ["kart-sea"])
        first.createdAt = "2026-01-01T00:00:00Z"
        var second = Tenant(name: "maps", prefixes: ["kart"])
        second.createdAt = "2026-01-02T00:00:00Z"
        #expect(TenantDirectory(declared: [first, second]).refused["maps"]?.code == .prefixOverlap)
        second.carveOuts = ["kart-sea"]
        let directory = TenantDirectory(declared: [first, second])
        #expect(directory.refused.isEmpty)
        #expect(directory.prefixes.owner(of: "kart-sea-x")?.owner == "sea")
        #expect(directory.prefixes.owner(of: "kart-x")?.owner == "maps")
    }

    @Test("The owner of a prefix can leave a part of it to another tenant, but never the whole")
    func carveOut() {
        var first = Tenant(name: "maps", prefixes: ["kart"])
        first.createdAt = "2026-01-01T00:00:00Z"
        first.carveOuts = ["kart-sea", "kart"]
        let second = Tenant(name: "sea", prefixes: ["kart-sea"])
        let third = Tenant(name: "thief", prefixes: ["kart"])
        var later = [second, third]
        for index in later.indices { later[index].createdAt = "2026-02-01T00:00:00Z" }
        let directory = TenantDirectory(declared: [first] + later)
        #expect(directory.tenants.keys.sorted() == ["maps", "sea"])
    }

    @Test(
        "Relative repository URLs are the platform repository's siblings",
        arguments: [
            ("../kart-apps.git", "/srv/git/platform.git", "/srv/git/kart-apps.git"),
            ("./kart-apps.git", "/srv/git/platform.git", "/srv/git/kart-apps.git"),
            ("../../x/kart.git", "https://git.example/a/platform.git", "https://git.example/x/kart.git"),
            ("../kart.git", "git@git.example:platform.git", "git@git.example:kart.git"),
            ("https://else.example/y.git", "/srv/git/platform.git", "https://else.example/y.git"),
        ]
    )
    func relative(url: String, base: String, expected: String) {
        #expect(RepositoryURL.resolve(url, relativeTo: base) == expected)
    }
}
