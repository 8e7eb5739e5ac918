import Testing

@testable import Delivery

@Suite struct PatienceTests {
    @Test("A write that is refused is repeated while its rights may be on their way, and no longer")
    func bounded() async {
        let patience = Patience(tries: 2)
        #expect(await patience.wait(after: 0))
        #expect(await patience.wait(after: 1))
        #expect(await !patience.wait(after: 2))
    }

    @Test("When one write was refused to the end, the others are not repeated")
    func shared() async {
        let patience = Patience(tries: 1)
        #expect(await !patience.wait(after: 1))
        #expect(await !patience.wait(after: 0))
    }

    @Test("Where rights are no news nothing is repeated")
    func none() async { #expect(await !Patience(tries: 0).wait(after: 0)) }
}
