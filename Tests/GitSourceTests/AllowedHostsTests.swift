import GitSource
import Testing

@Suite struct AllowedHostsTests {
    private let hosts = AllowedHosts([
        "Charts.Example.org", "*.internal.example", "git.example:8443", "10.0.0.5", "[fd00::5]:8080",
    ])

    @Test(
        "A host is allowed by its name, by the end of it, or by its address, at the ports of the entry",
        arguments: [
            ("charts.example.org", 443), ("CHARTS.example.org.", 80), ("a.b.internal.example", 443),
            ("git.example", 8443), ("10.0.0.5", 443), ("fd00::5", 8080), ("fd00:0::0005", 8080),
        ]
    )
    func allowed(host: String, port: Int) { #expect(hosts.allow(host, port: port)) }

    @Test(
        "No other host is, nor another port, nor the domain of a wildcard itself, nor an address that only ends like one",
        arguments: [
            ("example.org", 443), ("charts.example.org", 22), ("charts.example.org.evil.test", 443),
            ("internal.example", 443), ("xinternal.example", 443), ("git.example", 443), ("10.0.0.6", 443),
            ("1.10.0.0.5", 443), ("fd00::5", 443), ("", 443), ("127.0.0.1", 443), ("localhost", 443),
        ]
    )
    func refused(host: String, port: Int) { #expect(!hosts.allow(host, port: port)) }

    @Test(
        "Addresses of this machine, its link and of many at once are known in every spelling",
        arguments: [
            "127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "::1",
            "::",
            "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "::127.0.0.1",
        ]
    )
    func confined(address: String) throws {
        #expect(try #require(NetworkAddress(address)).isConfined)
    }

    @Test(
        "Other addresses are places in a network",
        arguments: ["10.1.2.3", "93.184.216.34", "2001:db8::1", "fd00::1"]
    )
    func places(address: String) throws { #expect(try !#require(NetworkAddress(address)).isConfined) }

    @Test(
        "What is no address is none",
        arguments: ["localhost", "127.1", "2130706433", "1.2.3.4.5", "", "fe80::1%eth0"]
    )
    func names(text: String) { #expect(NetworkAddress(text) == nil) }
}
